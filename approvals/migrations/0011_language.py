"""The language that a person has chosen; those who have not follow their browser."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0010_delegations")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, default="", help_text="Empty follows the browser.", max_length=8),
        ),
    ]
