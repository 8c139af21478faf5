"""The database itself refuses to change or delete versions, steps and issued files, whichever program asks."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_initial")]
    operations = [guard("publishing_bulletinversion", "publishing_bulletinstep", "publishing_bulletinissue")]
