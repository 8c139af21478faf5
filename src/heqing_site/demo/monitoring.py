"""The files of invented values as uploads (演示监测文件): who brought them, and what became of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from heqing_site.demo import rules
from heqing_site.demo.queries import demonstration
from heqing_site.demo.rules import Tell
from heqing_site.monitoring import actions
from heqing_site.monitoring.queries import imports
from heqing_site.monitoring.rules import DomainName
from heqing_site.orgs.models import User


def add_uploads(*, at: datetime, tell: Tell) -> None:
    """Enter the files that the demonstration imported (补登演示监测文件); each once, nothing where all are entered."""
    if demonstration() is None:
        return
    officer = User.objects.select_related("unit").get(username=rules.OFFICER)
    lacking = [
        (batch, path)
        for batch in reversed(imports())
        if batch.upload is None and (path := Path(settings.DATA_DIR) / "demo" / batch.file).is_file()
    ]
    if lacking and officer.unit is not None:
        tell(f"登记演示监测文件 {len(lacking)} 个 …")
        for batch, path in lacking:
            actions.record_import(
                by=officer,
                at=at,
                unit=officer.unit,
                domain=DomainName(batch.domain),
                batch=batch.batch,
                path=path,
                is_invented=True,
            )
