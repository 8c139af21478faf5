"""The database itself refuses to change or delete a verdict, whichever program asks."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("verdicts", "0001_initial")]
    operations = [guard("verdicts_targetverdict")]
