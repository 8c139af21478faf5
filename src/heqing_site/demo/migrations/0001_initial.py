# That this installation holds the invented district.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("orgs", "0003_officers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Demonstration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("founded_at", models.DateTimeField(verbose_name="建立时间")),
                ("year", models.PositiveSmallIntegerField(help_text="演示文件所定目标的年份", verbose_name="文件年份")),
                ("first_day", models.DateField(verbose_name="数据首日")),
                ("through", models.DateField(blank=True, null=True, verbose_name="数据末日")),
                (
                    "district",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="demonstration",
                        to="orgs.unit",
                        verbose_name="演示区",
                    ),
                ),
            ],
            options={
                "verbose_name": "演示",
                "verbose_name_plural": "演示",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("through__isnull", True), ("through__gte", models.F("first_day")), _connector="OR"
                        ),
                        name="demonstration_ends_after_start",
                    )
                ],
            },
        ),
    ]
