"""An import knows the work in the background that confirms it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0001_initial")]

    operations = [migrations.AddField("structureimport", "job_id", models.UUIDField(null=True))]
