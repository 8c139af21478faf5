"""What officers decided of findings that repeat a target; only added, as terms are."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_parts_plans_and_year_ends"),
        ("library", "0002_finding_state_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="Restatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.CharField(
                        choices=[("confirm", "确认"), ("amend", "调整")], max_length=8, verbose_name="决定"
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                ("recorded_by", models.CharField(max_length=80, verbose_name="记录人")),
                ("because", models.TextField(verbose_name="理由")),
                (
                    "finding",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restatement",
                        to="library.finding",
                        verbose_name="条目",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restatements",
                        to="ledger.target",
                        verbose_name="目标",
                    ),
                ),
                (
                    "terms",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restatement",
                        to="ledger.targetterms",
                        verbose_name="条款",
                    ),
                ),
            ],
            options={
                "verbose_name": "重申",
                "verbose_name_plural": "重申",
                "ordering": ("target", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "confirm"), ("terms__isnull", True)),
                            models.Q(("decision", "amend"), ("terms__isnull", False)),
                            _connector="OR",
                        ),
                        name="restatement_amends_with_terms",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("recorded_by", ""), _negated=True), models.Q(("because", ""), _negated=True)
                        ),
                        name="restatement_says_who_and_why",
                    ),
                ],
            },
        ),
        guard("ledger_restatement"),
    ]
