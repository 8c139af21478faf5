"""Every deed on measurement files: importing one, and entering one that the store has already.

Each takes who does it (`by`) and when (`at`), checks the right, and keeps the file and what became of its values as a
row with its audit entry. The store takes a file in one commit of its own. Nothing here reads the clock.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from heqing.errors import BadFileError, HeqingError, StoreError
from heqing.quality import look_over
from heqing.store import Imported, import_frame, open_frame, successions
from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.monitoring import queries, rules
from heqing_site.monitoring.frames import store
from heqing_site.monitoring.models import Upload, upload_path
from heqing_site.monitoring.rules import DomainName
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission


@dataclass(frozen=True)
class Import:
    """What became of a file: its row, and whether the same file had been imported before."""

    upload: Upload
    is_new: bool


def import_file(
    *,
    by: User,
    at: datetime,
    unit: Unit,
    domain: DomainName,
    file_name: str,
    content: Iterable[bytes],
    renames: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    is_invented: bool = False,
) -> Import:
    """Import a file of measurements (导入监测数据) into the store and keep it as received.

    Needs the right 监测数据导入 at the unit. A value that the store has changes nothing, another supersedes it, what
    cannot be stored is kept as a reject with its reason. The same file in the same way changes nothing: the row that is
    there is given back. The content is written to the disk piece by piece.

    Raises
    ------
    RuleBrokenError
        ``measurements.empty``, ``measurements.too_large``, ``measurements.unreadable``, ``measurements.busy``.
    """
    require(by, Permission.DATA_IMPORT, unit, on=timezone.localdate(at))
    limit = max(settings.UPLOAD_LIMIT, rules.FILE_LIMIT)
    file_name = "".join(sign for sign in file_name if sign.isprintable())  # PostgreSQL keeps no zero character
    folder = Path(settings.DATA_DIR) / "monitoring"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="incoming-", dir=folder) as incoming:
        path = Path(incoming) / rules.safe_name(file_name)
        size, sha256 = _write(path, content, limit, file_name)
        done, notes = _import(path, domain, at, dict(renames or {}), dict(units or {}), file_name)
        return _keep(
            Upload(
                batch=done.batch,
                domain=domain,
                file_name=file_name[:255],
                sha256=sha256,
                size=size,
                unit=unit,
                uploaded_by=by,
                uploaded_at=at,
                rows=done.rows,
                new=done.new,
                changed=done.changed,
                same=done.same,
                rejects=done.rejects,
                notes=notes,
                is_invented=is_invented,
            ),
            path,
            by,
            at,
        )


def record_import(
    *, by: User, at: datetime, unit: Unit, domain: DomainName, batch: str, path: Path, is_invented: bool = False
) -> Import:
    """Enter a file that was imported into the store already (补登已入库文件), for instance by the command line.

    Needs the right 监测数据导入 at the unit; the counts are those of the batch.
    """
    require(by, Permission.DATA_IMPORT, unit, on=timezone.localdate(at))
    known = queries.batch(batch)
    if known is None:
        raise RuleBrokenError("measurements.batch_unknown", batch=batch)
    upload = Upload(
        batch=batch,
        domain=domain,
        file_name=known.file[:255],
        sha256=known.sha256,
        size=path.stat().st_size,
        unit=unit,
        uploaded_by=by,
        uploaded_at=at,
        rows=known.rows,
        new=known.new,
        changed=known.changed,
        same=known.same,
        rejects=known.rejects,
        is_invented=is_invented,
    )
    return _keep(upload, path, by, at)


# --- what the deeds have in common --------------------------------------------------------------------------------


def _write(path: Path, content: Iterable[bytes], limit: int, file_name: str) -> tuple[int, str]:
    """Write what comes to the disk, and stop where it is too much."""
    size, digest = 0, hashlib.sha256()
    with path.open("wb") as file:
        for piece in content:
            size += len(piece)
            if size > limit:
                raise RuleBrokenError("measurements.too_large", file=file_name, limit=limit // rules.MEGABYTE)
            digest.update(piece)
            file.write(piece)
    if not size:
        raise RuleBrokenError("measurements.empty", file=file_name)
    return size, digest.hexdigest()


def _import(
    path: Path, domain: DomainName, at: datetime, renames: dict[str, str], units: dict[str, str], file_name: str
) -> tuple[Imported, list[str]]:
    try:
        with open_frame(
            path, domain="air" if domain == DomainName.AIR else "water", rename=renames, units=units
        ) as intake:
            looked = look_over(intake.frame, domain=intake.domain)
            said = [found.sentence("zh") for found in successions(store(), intake)]
            said += [finding.sentence("zh") for finding in looked.findings]
            said += [looked.sentence("zh")] if looked.rows != looked.clean else []
            return import_frame(store(), intake, recorded_at=at), [*intake.notes, *said]
    except StoreError as error:
        raise RuleBrokenError("measurements.busy", problem=rules.in_chinese(str(error))) from error
    except HeqingError as error:
        raise RuleBrokenError("measurements.unreadable", file=file_name, problem=_said(error)) from error


def _said(error: HeqingError) -> str:
    """Say where in the file something is wrong, and what."""
    words = rules.in_chinese(str(error))
    if not isinstance(error, BadFileError):
        return words
    sheet = error.file.partition(", sheet ")[2]
    place = [
        f"工作表“{sheet}”" if sheet else "",
        f"第 {error.row} 行" if error.row is not None else "",
        f"“{error.column}”列" if error.column else "",
    ]
    said = "".join(place)
    return f"{said}：{words}" if said else words


def _keep(upload: Upload, path: Path, by: User, at: datetime) -> Import:
    """Keep the file beside the others and its row in the database."""
    known = Upload.objects.filter(batch=upload.batch).first()
    if known is not None:
        return Import(known, False)
    earlier = queries.batch(upload.batch)
    if earlier is not None:  # imported before without a row, by the command line: the counts are those of that time
        upload.rows, upload.new, upload.changed = earlier.rows, earlier.new, earlier.changed
        upload.same, upload.rejects = earlier.same, earlier.rejects
    upload.received.name = upload_path(upload, upload.file_name)
    target = Path(settings.DATA_DIR) / upload.received.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        half = target.with_name(f"{target.name}.{os.getpid()}.part")
        shutil.copyfile(path, half)
        half.replace(target)
    try:
        _enter(upload, by, at)
    except IntegrityError:  # the same file was sent twice at once; the other one is entered
        return Import(Upload.objects.get(batch=upload.batch), False)
    return Import(upload, True)


@transaction.atomic
def _enter(upload: Upload, by: User, at: datetime) -> None:
    upload.save()
    record(
        by=by.actor,
        at=at,
        action="monitoring.import_file",
        subject=upload,
        after={
            "file": upload.file_name,
            "sha256": upload.sha256,
            "batch": upload.batch,
            "rows": upload.rows,
            "new": upload.new,
            "changed": upload.changed,
            "same": upload.same,
            "rejects": upload.rejects,
        },
    )
