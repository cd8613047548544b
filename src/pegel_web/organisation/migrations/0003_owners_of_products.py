"""Products keep who answered for them; for what is there already that is the unit of today, from their first day."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Q


def begin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the unit of today have answered for each product from its beginning: nothing else was kept."""
    del schema_editor
    products = apps.get_model("organisation", "Product").objects.values_list(
        "id", "owner_unit_id", "valid_from", "valid_until"
    )
    owners = apps.get_model("organisation", "ProductOwner").objects
    owners.bulk_create(
        [
            owners.model(product_id=product, unit_id=unit, valid_from=begun, valid_until=until)
            for product, unit, begun, until in products
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("organisation", "0002_import_in_the_background")]

    operations = [
        migrations.CreateModel(
            name="ProductOwner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="owners",
                        to="organisation.product",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="product_owner_forward",
                        condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                    ),
                    models.UniqueConstraint(name="product_owner_one_start", fields=["product", "valid_from"]),
                    models.UniqueConstraint(
                        name="product_owner_one_open", fields=["product"], condition=Q(valid_until__isnull=True)
                    ),
                ],
            },
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
