"""Policies as data, what a request is opened under, whose turn it is, and who is on it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0004_timelines'),
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('since', models.DateTimeField(auto_now_add=True)),
                ('until', models.DateTimeField(help_text='When it lapses; a release sets it to that moment.')),
            ],
        ),
        migrations.CreateModel(
            name='EffectivePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('because', models.CharField(help_text='The rule that picked it, in words.', max_length=300)),
                ('manager', models.CharField(blank=True, help_text="The requester's manager when it was opened.", max_length=150)),
                ('excluded', models.TextField(default='|', help_text='Who answered an earlier stage and may not now, as |name|.')),
                ('handed_over', models.TextField(default='|', help_text='Who gave their place in this step away, as |name|.')),
                ('step', models.PositiveSmallIntegerField(default=0)),
                ('state', models.CharField(choices=[('open', 'Open'), ('escalated', 'Escalated'), ('expired', 'Its time is over')], default='open', max_length=12)),
                ('opened_at', models.DateTimeField(help_text='When the step began.')),
                ('due_at', models.DateTimeField(help_text='When something is to be done about it; null when nothing is.', null=True)),
            ],
            options={
                'verbose_name_plural': 'effective policies',
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('alone', 'Put to one person'), ('place', 'Place handed over'), ('added', 'Asked as well')], max_length=8)),
                ('seats', models.JSONField(default=list, help_text='What the place can count for in the step.')),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('description', models.TextField(blank=True, help_text='What it is for, for the people who edit it.')),
                ('number', models.PositiveIntegerField(default=0, editable=False, help_text='Of the newest version.')),
            ],
            options={
                'verbose_name_plural': 'policies',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='PolicyRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('priority', models.PositiveIntegerField(default=100, help_text='The lowest number that fits wins.')),
                ('active', models.BooleanField(default=True, help_text='Take the tick away to stop using it for new requests.')),
                ('workflow', models.CharField(blank=True, max_length=40)),
                ('stage', models.CharField(blank=True, help_text='As the workflow calls it, e.g. manager.', max_length=40)),
                ('currency', models.CharField(blank=True, help_text='e.g. EUR. Amounts below are in it.', max_length=3)),
                ('amount_from', models.DecimalField(blank=True, decimal_places=4, max_digits=24, null=True)),
                ('amount_below', models.DecimalField(blank=True, decimal_places=4, max_digits=24, null=True)),
                ('category', models.CharField(blank=True, help_text='Of the request, or of any of its lines.', max_length=60)),
                ('department', models.CharField(blank=True, help_text='Of the requester, as their account says.', max_length=60)),
            ],
            options={
                'ordering': ['priority', 'id'],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('stored', models.JSONField(help_text='Its terms, see approvals.models.terms.')),
                ('made_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.RemoveIndex(
            model_name='approvalrequest',
            name='pending_by_audience',
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='waits_for',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.audience'),
        ),
        migrations.AddField(
            model_name='user',
            name='department',
            field=models.CharField(blank=True, default='', help_text='As the rules of policies name it.', max_length=60),
        ),
        migrations.AddField(
            model_name='user',
            name='manager',
            field=models.ForeignKey(blank=True, help_text='Whom policies mean by it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='vote',
            name='seats',
            field=models.JSONField(default=list, help_text='What the answer can count for in its step.'),
        ),
        migrations.AddField(
            model_name='vote',
            name='step',
            field=models.PositiveSmallIntegerField(help_text='Of that version, counted from 0.', null=True),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='key',
            field=models.CharField(help_text='start:<run name>, decision:<id>, heartbeat:<claim>.', max_length=120, unique=True),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=[('start', 'Start of a run'), ('decision', 'Decision'), ('heartbeat', 'Heartbeat while somebody is on it')], max_length=12),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='state',
            field=models.CharField(choices=[('queued', 'On its way'), ('delivered', 'Delivered'), ('lost', 'Another answer came first'), ('stuck', 'Stuck'), ('dropped', 'Not needed any more')], default='queued', max_length=12),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('status', 'pending'), ('waits_for__isnull', True)), fields=['audience', 'expires_at', 'id'], name='pending_by_audience'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('status', 'pending'), ('waits_for__isnull', False)), fields=['waits_for', 'expires_at', 'id'], name='pending_by_turn'),
        ),
        migrations.AddField(
            model_name='claim',
            name='holder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='claim',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='approvals.approvalrequest'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='claim',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='delivery', to='approvals.claim'),
        ),
        migrations.AddField(
            model_name='effectivepolicy',
            name='request',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='effective', to='approvals.approvalrequest'),
        ),
        migrations.AddField(
            model_name='handover',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='handover',
            name='giver',
            field=models.ForeignKey(help_text='Whose place it was.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='handover',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='approvals.approvalrequest'),
        ),
        migrations.AddField(
            model_name='handover',
            name='taker',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policyrule',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='approvals.policy'),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='approvals.policy'),
        ),
        migrations.AddField(
            model_name='effectivepolicy',
            name='version',
            field=models.ForeignKey(help_text="Null: the workflow's own terms.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.policyversion'),
        ),
        migrations.AddField(
            model_name='decision',
            name='policy_version',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='approvals.policyversion'),
        ),
        migrations.AddField(
            model_name='vote',
            name='policy_version',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='approvals.policyversion'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(fields=('policy', 'number'), name='policy_version_once'),
        ),
        migrations.AddIndex(
            model_name='effectivepolicy',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at', 'id'], name='steps_due'),
        ),
    ]
