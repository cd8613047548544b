"""Reports that work stalls, and baselines, which the database refuses to change."""

import uuid

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from pegel_web.core.append_only import guard, unguard
from pegel_web.flow.baseline_guard import BASELINE_GUARDS


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    guard(schema_editor.connection, BASELINE_GUARDS)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    unguard(schema_editor.connection, BASELINE_GUARDS)


class Migration(migrations.Migration):
    dependencies = [
        ("flow", "0004_lake_results"),
        ("organisation", "0003_owners_of_products"),
    ]

    operations = [
        migrations.CreateModel(
            name="StallReport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("state", models.CharField(blank=True, max_length=2000)),
                ("friction", models.CharField(max_length=20)),
                ("why", models.TextField(max_length=1000)),
                ("often", models.CharField(blank=True, max_length=20)),
                ("hours_per_week", models.FloatField(null=True)),
                ("reported_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("answered", "Answered"), ("closed", "Closed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(blank=True, choices=[("done", "Done"), ("no_change", "No Change")], max_length=10),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="organisation.person",
                    ),
                ),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stalls", to="flow.valuestream"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StallStep",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=10)),
                (
                    "outcome",
                    models.CharField(blank=True, choices=[("done", "Done"), ("no_change", "No Change")], max_length=10),
                ),
                ("text", models.TextField(blank=True, max_length=1000)),
                ("plan", models.TextField(blank=True, max_length=1000)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="organisation.person",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="flow.stallreport"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StallVoice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("joined_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="organisation.person",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="voices", to="flow.stallreport"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Baseline",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("state", models.CharField(max_length=2000)),
                ("phase", models.CharField(max_length=20)),
                ("content", models.JSONField()),
                ("as_of", models.DateTimeField()),
                ("definition", models.CharField(max_length=100)),
                ("definition_hash", models.CharField(max_length=64)),
                ("fingerprint", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="baselines", to="flow.valuestream"
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.person"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("fingerprint",), name="baseline_once")],
            },
        ),
        migrations.AddIndex(
            model_name="stallreport",
            index=models.Index(fields=["stream", "status"], name="stall_of_stream"),
        ),
        migrations.AddConstraint(
            model_name="stallreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False), ("status", "closed"), models.Q(("outcome", ""), _negated=True)
                    ),
                    models.Q(
                        models.Q(("status", "closed"), _negated=True), ("closed_at__isnull", True), ("outcome", "")
                    ),
                    _connector="OR",
                ),
                name="stall_closed_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="stallreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True), ("closed_at__gte", models.F("reported_at")), _connector="OR"
                ),
                name="stall_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="stallvoice",
            constraint=models.UniqueConstraint(fields=("report", "person"), name="stall_voice_once"),
        ),
        migrations.RunPython(install, remove),
    ]
