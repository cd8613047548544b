"""The access log is only ever added to: the database lets nothing else happen but the end of old rows."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from pegel_web.core.append_only import guard, unguard
from pegel_web.privacy.access_guard import ACCESS_GUARDS


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    guard(schema_editor.connection, ACCESS_GUARDS)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    unguard(schema_editor.connection, ACCESS_GUARDS)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
