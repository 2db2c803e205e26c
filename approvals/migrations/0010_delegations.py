"""Who is away and who answers for them; whose answer a vote, a decision and a notification is. Empty at first."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0009_cheaper_updates'),
    ]

    operations = [
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('until', models.DateTimeField(help_text='The first moment at which they are back.')),
                ('workflows', models.TextField(default='|', help_text='As |name|name|; | alone means all of them.')),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(help_text='When it was ended early, or taken back.', null=True)),
            ],
            options={
                'verbose_name': 'absence',
                'verbose_name_plural': 'absences',
            },
        ),
        migrations.AddField(
            model_name='decision',
            name='for_person',
            field=models.ForeignKey(blank=True, help_text='Who is away and whose answer it is.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notification',
            name='for_person',
            field=models.ForeignKey(help_text='Who is away and whom they are asked for.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='vote',
            name='for_person',
            field=models.ForeignKey(blank=True, help_text='Who is away and whose answer it is.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='occasion',
            name='topic',
            field=models.CharField(choices=[('turn', 'Something waits for my answer'), ('reminder', 'A deadline comes near'), ('over', 'My answer is no longer needed'), ('outcome', 'What became of my own requests'), ('comment', 'Comments where I take part'), ('office', 'Something is stuck and needs an admin'), ('away', 'Somebody is away, and who answers for them')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='vote',
            constraint=models.UniqueConstraint(fields=('request', 'for_person'), name='one_vote_for_each_person'),
        ),
        migrations.AddField(
            model_name='absence',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absence',
            name='deputy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deputyships', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absence',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absences', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['person', 'until'], name='absences_of_person'),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['deputy', 'until'], name='absences_of_deputy'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('until'))), name='absence_begins_before_it_ends'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('person', models.F('deputy')), _negated=True), name='nobody_is_their_own_deputy'),
        ),
    ]
