"""The database itself refuses to change or delete steps, evidence and signals of cases, whichever program asks."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [guard("cases_casestep", "cases_caseevidence", "cases_casesignal")]
