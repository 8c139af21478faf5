"""The database itself refuses to change or delete a score, its losses, a publication or an event."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0001_initial")]
    operations = [
        guard(
            "scorecards_scorecard",
            "scorecards_scoreloss",
            "scorecards_scorepublication",
            "scorecards_scoreevent",
            "scorecards_eventwithdrawal",
        )
    ]
