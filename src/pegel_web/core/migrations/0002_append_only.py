"""The audit is only ever added to: the database refuses everything else."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from pegel_web.core.append_only import AUDIT_GUARDS, guard, unguard


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    guard(schema_editor.connection, AUDIT_GUARDS)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    unguard(schema_editor.connection, AUDIT_GUARDS)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
