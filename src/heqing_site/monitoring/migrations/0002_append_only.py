"""The database itself refuses to change or delete an upload, whichever program asks."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_initial")]
    operations = [guard("monitoring_upload")]
