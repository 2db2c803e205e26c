"""The histories of executions that the portal keeps, and the allowance by which they are read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0003_structured_answers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("next_at", models.DateTimeField()),
                ("taken", models.BigIntegerField(default=0, help_text="Turns so far.")),
            ],
        ),
        migrations.CreateModel(
            name="Timeline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_name", models.CharField(max_length=64, unique=True)),
                (
                    "story",
                    models.JSONField(
                        help_text="Operations as approvals.timeline.story writes them; redacted.", null=True
                    ),
                ),
                ("read_at", models.DateTimeField(help_text="When AWS was last asked with success.", null=True)),
                (
                    "read_version",
                    models.BigIntegerField(default=0, help_text="The run's version when that reading began."),
                ),
                ("kept_at", models.DateTimeField(help_text="Since when nothing is read any more.", null=True)),
                ("is_whole", models.BooleanField(default=False, help_text="Kept with the execution's own end.")),
                (
                    "due_at",
                    models.DateTimeField(
                        help_text="When the worker tries (again); also the end of its lease.", null=True
                    ),
                ),
                ("claimed_at", models.DateTimeField(help_text="When somebody last began to read.", null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                (
                    "fault",
                    models.CharField(
                        default="", help_text="unreachable, busy, refused, forgotten, odd.", max_length=20
                    ),
                ),
                ("fault_text", models.TextField(default="", help_text="The last fault in words, without secrets.")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["due_at", "id"], name="timelines_due"
                    )
                ],
            },
        ),
    ]
