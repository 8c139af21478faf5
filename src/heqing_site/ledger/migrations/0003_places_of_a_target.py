"""Terms can name the stations or sections they speak of; the triggers are put anew, for SQLite rebuilds the table."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations, models

guards = import_module("heqing_site.ledger.migrations.0002_append_only")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]
    operations = [
        migrations.RunPython(guards.lift, guards.put),
        migrations.AddField(
            model_name="targetterms",
            name="place_codes",
            field=models.TextField(
                blank=True, default="", help_text="以空格分开；留空为按表述和名录确定", verbose_name="点位代码"
            ),
        ),
        migrations.RunPython(guards.put, guards.lift),
    ]
