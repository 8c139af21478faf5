"""The database itself refuses to change or delete what is only added about works, whichever program asks."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("works", "0001_initial")]
    operations = [
        guard(
            "works_listissue",
            "works_workterms",
            "works_workpart",
            "works_worktarget",
            "works_workstep",
            "works_worksignal",
            "works_ownpipeline",
            "works_workpaper",
            "works_progress",
            "works_progressfile",
            "works_progresscheck",
            "works_slipstep",
            "works_contribution",
        )
    ]
