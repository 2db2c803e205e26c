"""Votes and decisions keep the structured answer. Null where the request asked for none, so no row is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_append_only_audit")]

    operations = [
        migrations.AddField(
            model_name=model,
            name="response",
            field=models.JSONField(help_text="The structured answer, where the request asks for one.", null=True),
        )
        for model in ("decision", "vote")
    ]
