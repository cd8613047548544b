"""Every name of the lake belongs to a stream for a while: the names that streams stand for already come first."""

import uuid

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Q


def begin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del schema_editor
    made = apps.get_model("flow", "StreamProject")
    made.objects.bulk_create(
        made(stream_id=row.pk, lake_name=row.lake_name, valid_from=row.valid_from, valid_until=row.valid_until)
        for row in apps.get_model("flow", "ValueStream").objects.all()
    )


class Migration(migrations.Migration):
    dependencies = [("flow", "0010_selection_rows")]

    operations = [
        migrations.CreateModel(
            name="StreamProject",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("lake_name", models.CharField(max_length=500)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="projects", to="flow.valuestream"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        name="project_one_open", fields=["lake_name"], condition=Q(valid_until__isnull=True)
                    ),
                    models.CheckConstraint(
                        name="project_forward",
                        condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                    ),
                ],
            },
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
