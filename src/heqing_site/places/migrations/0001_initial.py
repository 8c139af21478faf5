# The registers of this room.

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("orgs", "0003_officers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Enterprise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_invented", models.BooleanField(default=False, verbose_name="演示数据")),
                (
                    "retired_on",
                    models.DateField(blank=True, help_text="最后一日，该日仍在用", null=True, verbose_name="停用日期"),
                ),
                ("retired_because", models.CharField(blank=True, max_length=200, verbose_name="停用理由")),
                ("name", models.CharField(max_length=120, verbose_name="名称")),
                (
                    "code",
                    models.CharField(
                        help_text="统一社会信用代码或本地自编代码", max_length=40, unique=True, verbose_name="代码"
                    ),
                ),
                ("industry", models.CharField(max_length=60, verbose_name="行业")),
                ("is_key_polluter", models.BooleanField(verbose_name="重点排污单位")),
                (
                    "area_mu",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="用地面积（亩）"
                    ),
                ),
                (
                    "lon",
                    models.DecimalField(decimal_places=6, help_text="WGS-84，度", max_digits=9, verbose_name="经度"),
                ),
                (
                    "lat",
                    models.DecimalField(decimal_places=6, help_text="WGS-84，度", max_digits=8, verbose_name="纬度"),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enterprises",
                        to="orgs.unit",
                        verbose_name="所在镇街",
                    ),
                ),
            ],
            options={
                "verbose_name": "企业",
                "verbose_name_plural": "企业",
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("code", ""), _negated=True)
                        ),
                        name="enterprise_has_name_and_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_because", ""), ("retired_on__isnull", True)),
                            models.Q(("retired_on__isnull", False), models.Q(("retired_because", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="enterprise_retired_with_day_and_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lon__range", (Decimal("73"), Decimal("136"))),
                            ("lat__range", (Decimal("3"), Decimal("54"))),
                        ),
                        name="enterprise_is_on_the_map",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("industry", ""), _negated=True), name="enterprise_has_industry"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("area_mu__isnull", True), ("area_mu__gt", 0), _connector="OR"),
                        name="enterprise_area_is_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="River",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_invented", models.BooleanField(default=False, verbose_name="演示数据")),
                (
                    "retired_on",
                    models.DateField(blank=True, help_text="最后一日，该日仍在用", null=True, verbose_name="停用日期"),
                ),
                ("retired_because", models.CharField(blank=True, max_length=200, verbose_name="停用理由")),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="代码")),
                (
                    "kind",
                    models.CharField(choices=[("river", "河流"), ("lake", "湖库")], max_length=12, verbose_name="类型"),
                ),
                (
                    "chief",
                    models.ForeignKey(
                        blank=True,
                        help_text="担任河（湖）长的职务",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rivers",
                        to="orgs.post",
                        verbose_name="河（湖）长",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rivers",
                        to="orgs.unit",
                        verbose_name="管理单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "河湖",
                "verbose_name_plural": "河湖",
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("code", ""), _negated=True)
                        ),
                        name="river_has_name_and_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_because", ""), ("retired_on__isnull", True)),
                            models.Q(("retired_on__isnull", False), models.Q(("retired_because", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="river_retired_with_day_and_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["river", "lake"])), name="river_kind_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outlet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_invented", models.BooleanField(default=False, verbose_name="演示数据")),
                (
                    "retired_on",
                    models.DateField(blank=True, help_text="最后一日，该日仍在用", null=True, verbose_name="停用日期"),
                ),
                ("retired_because", models.CharField(blank=True, max_length=200, verbose_name="停用理由")),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="代码")),
                (
                    "lon",
                    models.DecimalField(decimal_places=6, help_text="WGS-84，度", max_digits=9, verbose_name="经度"),
                ),
                (
                    "lat",
                    models.DecimalField(decimal_places=6, help_text="WGS-84，度", max_digits=8, verbose_name="纬度"),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outlets",
                        to="places.enterprise",
                        verbose_name="企业",
                    ),
                ),
                (
                    "river",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outlets",
                        to="places.river",
                        verbose_name="受纳水体",
                    ),
                ),
            ],
            options={
                "verbose_name": "排口",
                "verbose_name_plural": "排口",
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("code", ""), _negated=True)
                        ),
                        name="outlet_has_name_and_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_because", ""), ("retired_on__isnull", True)),
                            models.Q(("retired_on__isnull", False), models.Q(("retired_because", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="outlet_retired_with_day_and_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lon__range", (Decimal("73"), Decimal("136"))),
                            ("lat__range", (Decimal("3"), Decimal("54"))),
                        ),
                        name="outlet_is_on_the_map",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("retired_on__isnull", True)),
                        fields=("enterprise", "name"),
                        name="outlet_name_is_unique_in_enterprise",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Section",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_invented", models.BooleanField(default=False, verbose_name="演示数据")),
                (
                    "retired_on",
                    models.DateField(blank=True, help_text="最后一日，该日仍在用", null=True, verbose_name="停用日期"),
                ),
                ("retired_because", models.CharField(blank=True, max_length=200, verbose_name="停用理由")),
                ("name", models.CharField(help_text="与数据文件中的断面名一致", max_length=80, verbose_name="名称")),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="代码")),
                (
                    "lon",
                    models.DecimalField(decimal_places=6, help_text="WGS-84，度", max_digits=9, verbose_name="经度"),
                ),
                (
                    "lat",
                    models.DecimalField(decimal_places=6, help_text="WGS-84，度", max_digits=8, verbose_name="纬度"),
                ),
                (
                    "body_type",
                    models.CharField(
                        choices=[("river", "河流"), ("lake", "湖库")],
                        help_text="按河流还是湖库的限值评价",
                        max_length=12,
                        verbose_name="水体类型",
                    ),
                ),
                (
                    "control_level",
                    models.CharField(
                        choices=[("national", "国控"), ("province", "省控"), ("city", "市控"), ("district", "区控")],
                        max_length=12,
                        verbose_name="级别",
                    ),
                ),
                (
                    "target_class",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Ⅰ类"), (2, "Ⅱ类"), (3, "Ⅲ类"), (4, "Ⅳ类"), (5, "Ⅴ类")], verbose_name="目标类别"
                    ),
                ),
                ("is_handover", models.BooleanField(help_text="水由此流入相邻地区", verbose_name="交接断面")),
                (
                    "river",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sections",
                        to="places.river",
                        verbose_name="河湖",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sections",
                        to="orgs.unit",
                        verbose_name="所在镇街",
                    ),
                ),
            ],
            options={
                "verbose_name": "断面",
                "verbose_name_plural": "断面",
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("code", ""), _negated=True)
                        ),
                        name="section_has_name_and_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_because", ""), ("retired_on__isnull", True)),
                            models.Q(("retired_on__isnull", False), models.Q(("retired_because", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="section_retired_with_day_and_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lon__range", (Decimal("73"), Decimal("136"))),
                            ("lat__range", (Decimal("3"), Decimal("54"))),
                        ),
                        name="section_is_on_the_map",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("control_level__in", ["national", "province", "city", "district"])),
                        name="section_level_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("body_type__in", ["river", "lake"])), name="section_body_type_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("target_class__range", (1, 5))), name="section_target_class_is_1_to_5"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("retired_on__isnull", True)),
                        fields=("name",),
                        name="section_name_is_unique",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Station",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_invented", models.BooleanField(default=False, verbose_name="演示数据")),
                (
                    "retired_on",
                    models.DateField(blank=True, help_text="最后一日，该日仍在用", null=True, verbose_name="停用日期"),
                ),
                ("retired_because", models.CharField(blank=True, max_length=200, verbose_name="停用理由")),
                ("name", models.CharField(help_text="与数据文件中的站名一致", max_length=80, verbose_name="名称")),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="代码")),
                ("city", models.CharField(help_text="与数据文件中的城市名一致", max_length=80, verbose_name="城市")),
                (
                    "lon",
                    models.DecimalField(decimal_places=6, help_text="WGS-84，度", max_digits=9, verbose_name="经度"),
                ),
                (
                    "lat",
                    models.DecimalField(decimal_places=6, help_text="WGS-84，度", max_digits=8, verbose_name="纬度"),
                ),
                (
                    "control_level",
                    models.CharField(
                        choices=[("national", "国控"), ("province", "省控"), ("city", "市控"), ("district", "区控")],
                        max_length=12,
                        verbose_name="级别",
                    ),
                ),
                ("is_evaluated", models.BooleanField(help_text="其数值计入本地区平均", verbose_name="参与评价")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stations",
                        to="orgs.unit",
                        verbose_name="所在镇街",
                    ),
                ),
            ],
            options={
                "verbose_name": "空气站",
                "verbose_name_plural": "空气站",
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("code", ""), _negated=True)
                        ),
                        name="station_has_name_and_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_because", ""), ("retired_on__isnull", True)),
                            models.Q(("retired_on__isnull", False), models.Q(("retired_because", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="station_retired_with_day_and_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lon__range", (Decimal("73"), Decimal("136"))),
                            ("lat__range", (Decimal("3"), Decimal("54"))),
                        ),
                        name="station_is_on_the_map",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("control_level__in", ["national", "province", "city", "district"])),
                        name="station_level_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("city", ""), _negated=True), name="station_has_city"),
                    models.UniqueConstraint(
                        condition=models.Q(("retired_on__isnull", True)),
                        fields=("city", "name"),
                        name="station_name_is_unique_in_city",
                    ),
                ],
            },
        ),
    ]
