"""Targets have parts, plans and year ends; the triggers of terms are put anew, for SQLite rebuilds their table."""

from __future__ import annotations

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

from heqing_site.audit.append_only import guard

guards = import_module("heqing_site.ledger.migrations.0002_append_only")


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_places_of_a_target"),
        ("library", "0002_finding_state_names"),
        ("orgs", "0006_clerk"),
    ]

    operations = [
        migrations.RunPython(guards.lift, guards.put),
        migrations.CreateModel(
            name="FinalLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_over", models.BooleanField(verbose_name="期限已满")),
                (
                    "value",
                    models.DecimalField(blank=True, decimal_places=12, max_digits=30, null=True, verbose_name="最终值"),
                ),
                ("met", models.BooleanField(blank=True, null=True, verbose_name="是否完成")),
                (
                    "light",
                    models.CharField(
                        choices=[("green", "正常"), ("yellow", "滞后"), ("red", "预警"), ("grey", "待报")],
                        max_length=8,
                        verbose_name="灯",
                    ),
                ),
                (
                    "source_kind",
                    models.CharField(
                        choices=[
                            ("instrument", "监测"),
                            ("reported", "填报"),
                            ("register", "台账"),
                            ("deed", "办结"),
                            ("parts", "汇总"),
                        ],
                        max_length=12,
                        verbose_name="数据来源",
                    ),
                ),
                ("reason", models.TextField(verbose_name="原因")),
            ],
            options={
                "verbose_name": "年终结论",
                "verbose_name_plural": "年终结论",
                "ordering": ("year_end", "target"),
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="版次")),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("typed", "人员编排"),
                            ("straight", "逐日均摊"),
                            ("last_year", "按上年进度"),
                            ("none", "取消计划"),
                        ],
                        max_length=12,
                        verbose_name="编制方式",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="生效日期")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                ("recorded_by", models.CharField(max_length=80, verbose_name="记录人")),
                ("because", models.TextField(verbose_name="理由")),
            ],
            options={
                "verbose_name": "分期计划",
                "verbose_name_plural": "分期计划",
                "ordering": ("target", "number"),
            },
        ),
        migrations.CreateModel(
            name="PlannedValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="截至日")),
                (
                    "value",
                    models.DecimalField(
                        blank=True, decimal_places=12, max_digits=30, null=True, verbose_name="计划累计"
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=200, verbose_name="节点要求")),
            ],
            options={
                "verbose_name": "计划值",
                "verbose_name_plural": "计划值",
                "ordering": ("plan", "day"),
            },
        ),
        migrations.CreateModel(
            name="Reopening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recorded_at", models.DateTimeField(verbose_name="打开时间")),
                ("recorded_by", models.CharField(max_length=80, verbose_name="打开人")),
                ("because", models.TextField(verbose_name="理由")),
            ],
            options={
                "verbose_name": "重新打开",
                "verbose_name_plural": "重新打开",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="YearEnd",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("number", models.PositiveIntegerField(help_text="重新打开后再结账为下一次", verbose_name="次")),
                ("as_of", models.DateField(help_text="最终结论取这一天的研判", verbose_name="数据截至")),
                ("recorded_at", models.DateTimeField(verbose_name="结账时间")),
                ("recorded_by", models.CharField(max_length=80, verbose_name="结账人")),
                ("because", models.TextField(verbose_name="说明")),
            ],
            options={
                "verbose_name": "年终结账",
                "verbose_name_plural": "年终结账",
                "ordering": ("-year", "unit", "-number"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="indicator",
            name="indicator_source_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="targetterms",
            name="terms_change_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="targetterms",
            name="terms_source_is_known",
        ),
        migrations.AddField(
            model_name="target",
            name="carried_from",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried_to",
                to="ledger.target",
                verbose_name="结转自",
            ),
        ),
        migrations.AddField(
            model_name="targetterms",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="part_terms",
                to="ledger.target",
                verbose_name="上级目标",
            ),
        ),
        migrations.AlterField(
            model_name="indicator",
            name="source_kind",
            field=models.CharField(
                choices=[
                    ("instrument", "监测"),
                    ("reported", "填报"),
                    ("register", "台账"),
                    ("deed", "办结"),
                    ("parts", "汇总"),
                ],
                max_length=12,
                verbose_name="数据来源",
            ),
        ),
        migrations.AlterField(
            model_name="targetterms",
            name="change",
            field=models.CharField(
                choices=[
                    ("adopt", "采纳"),
                    ("enter", "录入"),
                    ("split", "分解下达"),
                    ("carry", "结转"),
                    ("amend", "调整"),
                    ("set_lead", "改定牵头单位"),
                    ("set_source", "改定数据来源"),
                    ("withdraw", "撤销"),
                ],
                max_length=12,
                verbose_name="变更",
            ),
        ),
        migrations.AlterField(
            model_name="targetterms",
            name="source_kind",
            field=models.CharField(
                choices=[
                    ("instrument", "监测"),
                    ("reported", "填报"),
                    ("register", "台账"),
                    ("deed", "办结"),
                    ("parts", "汇总"),
                ],
                max_length=12,
                verbose_name="数据来源",
            ),
        ),
        migrations.AddConstraint(
            model_name="indicator",
            constraint=models.CheckConstraint(
                condition=models.Q(("source_kind__in", ["instrument", "reported", "register", "deed", "parts"])),
                name="indicator_source_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("carried_from__isnull", True),
                    models.Q(("carried_from", models.F("pk")), _negated=True),
                    _connector="OR",
                ),
                name="target_is_not_carried_from_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="targetterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("change__in", ["adopt", "enter", "split", "carry", "amend", "set_lead", "set_source", "withdraw"])
                ),
                name="terms_change_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="targetterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent__isnull", True), models.Q(("parent", models.F("target")), _negated=True), _connector="OR"
                ),
                name="terms_are_no_part_of_themselves",
            ),
        ),
        migrations.AddConstraint(
            model_name="targetterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("source_kind__in", ["instrument", "reported", "register", "deed", "parts"])),
                name="terms_source_is_known",
            ),
        ),
        migrations.AddField(
            model_name="finalline",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="final_lines",
                to="ledger.target",
                verbose_name="目标",
            ),
        ),
        migrations.AddField(
            model_name="finalline",
            name="terms",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="final_lines",
                to="ledger.targetterms",
                verbose_name="条款",
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="plans",
                to="ledger.target",
                verbose_name="目标",
            ),
        ),
        migrations.AddField(
            model_name="plannedvalue",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="values",
                to="ledger.plan",
                verbose_name="计划",
            ),
        ),
        migrations.AddField(
            model_name="yearend",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="year_ends",
                to="orgs.unit",
                verbose_name="单位",
            ),
        ),
        migrations.AddField(
            model_name="reopening",
            name="year_end",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reopening",
                to="ledger.yearend",
                verbose_name="结账",
            ),
        ),
        migrations.AddField(
            model_name="finalline",
            name="year_end",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="ledger.yearend",
                verbose_name="结账",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(fields=("target", "number"), name="plan_number_is_unique"),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("basis__in", ["typed", "straight", "last_year", "none"])),
                name="plan_basis_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number__gte", 1),
                    models.Q(("recorded_by", ""), _negated=True),
                    models.Q(("because", ""), _negated=True),
                ),
                name="plan_says_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedvalue",
            constraint=models.UniqueConstraint(fields=("plan", "day"), name="planned_value_one_for_a_day"),
        ),
        migrations.AddConstraint(
            model_name="plannedvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__isnull", False), models.Q(("words", ""), _negated=True), _connector="OR"),
                name="planned_value_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__isnull", True), ("value__gte", 0), _connector="OR"),
                name="planned_value_is_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearend",
            constraint=models.UniqueConstraint(fields=("unit", "year", "number"), name="year_end_number_is_unique"),
        ),
        migrations.AddConstraint(
            model_name="yearend",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number__gte", 1),
                    models.Q(("recorded_by", ""), _negated=True),
                    models.Q(("because", ""), _negated=True),
                ),
                name="year_end_says_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recorded_by", ""), _negated=True), models.Q(("because", ""), _negated=True)
                ),
                name="reopening_says_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="finalline",
            constraint=models.UniqueConstraint(fields=("year_end", "target"), name="final_line_one_for_a_target"),
        ),
        migrations.AddConstraint(
            model_name="finalline",
            constraint=models.CheckConstraint(
                condition=models.Q(("light__in", ["green", "yellow", "red", "grey"])), name="final_line_light_is_known"
            ),
        ),
        migrations.RunPython(guards.put, guards.lift),
        guard("ledger_plan", "ledger_plannedvalue", "ledger_yearend", "ledger_finalline", "ledger_reopening"),
    ]
