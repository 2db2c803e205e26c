"""Occasions, the notifications and letters that come of them, and what each person wishes. Empty at first."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0007_talk'),
    ]

    operations = [
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='Also what its Message-ID is made of.', max_length=120, unique=True)),
                ('is_digest', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('queued', 'On its way'), ('sent', 'Sent'), ('dropped', 'Overtaken before it was sent'), ('stuck', 'Stuck')], default='queued', max_length=8)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(help_text='Also the end of the lease while somebody is at it.')),
                ('finished_at', models.DateTimeField(null=True)),
                ('error', models.TextField(default='', help_text='The last fault in words.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'e-mail',
            },
        ),
        migrations.CreateModel(
            name='NotificationPreferences',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('not_in_app', models.JSONField(default=list, help_text='Topics off in the portal.')),
                ('not_by_email', models.JSONField(default=list, help_text='Topics off by e-mail.')),
                ('pace', models.CharField(choices=[('now', 'At once'), ('daily', 'Once a day, all in one')], default='now', max_length=8)),
                ('digest_hour', models.PositiveSmallIntegerField(default=8, help_text="Of the day in the person's zone.", validators=[django.core.validators.MaxValueValidator(23)])),
                ('quiet_from', models.TimeField(help_text="In the person's zone; no e-mail from then …", null=True)),
                ('quiet_until', models.TimeField(help_text='… until then.', null=True)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='notification_preferences', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'notification preferences',
            },
        ),
        migrations.CreateModel(
            name='Occasion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(help_text='topic:what happened; the same is told once.', max_length=400, unique=True)),
                ('topic', models.CharField(choices=[('turn', 'Something waits for my answer'), ('reminder', 'A deadline comes near'), ('over', 'My answer is no longer needed'), ('outcome', 'What became of my own requests'), ('comment', 'Comments where I take part'), ('office', 'Something is stuck and needs an admin')], max_length=12)),
                ('subject', models.CharField(help_text="An approval id, a run's name or a delivery's key.", max_length=255)),
                ('data', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('waiting', 'To be told'), ('told', 'Told'), ('dropped', 'Overtaken before it was told'), ('stuck', 'Stuck')], default='waiting', max_length=8)),
                ('due_at', models.DateTimeField(help_text='When to tell; also the end of the lease while somebody is at it.')),
                ('reached', models.BigIntegerField(default=0, help_text='The last person that a batch has come to.')),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at', 'id'], name='occasions_due'), models.Index(condition=models.Q(('state', 'stuck')), fields=['-id'], name='occasions_stuck')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('in_app', models.BooleanField(default=True, help_text='Off: the person wants it by e-mail only.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('read_at', models.DateTimeField(null=True)),
                ('over_at', models.DateTimeField(help_text='Since when it asks for nothing any more.', null=True)),
                ('letter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to='approvals.letter')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to='approvals.approvalrequest')),
                ('occasion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to='approvals.occasion')),
            ],
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['next_try_at', 'id'], name='letters_due'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(fields=['-created_at', '-id'], name='letters_newest'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(fields=['state', '-created_at', '-id'], name='letters_by_state'),
        ),
        migrations.AddConstraint(
            model_name='notificationpreferences',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_until', None)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False)), _connector='OR'), name='quiet_hours_have_both_ends'),
        ),
        migrations.AddConstraint(
            model_name='notificationpreferences',
            constraint=models.CheckConstraint(condition=models.Q(('digest_hour__lte', 23)), name='digest_hour_of_a_day'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('in_app', True)), fields=['person', '-id'], name='notifications_of_person'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('in_app', True), ('over_at', None), ('read_at', None)), fields=['person', '-id'], name='notifications_unread'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['request', 'person'], name='notifications_by_request'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('person', 'occasion'), name='told_once_of_each_occasion'),
        ),
    ]
