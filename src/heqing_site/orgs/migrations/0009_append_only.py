"""The database itself refuses to change or delete meetings and resolutions, whichever program asks."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("orgs", "0008_leading_groups_and_successors")]
    operations = [guard("orgs_groupmeeting", "orgs_resolution")]
