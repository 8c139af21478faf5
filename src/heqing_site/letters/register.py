"""The register of a series (签订登记表): out as a workbook, and back in with who signed on which day."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

from heqing_site.errors import RuleBrokenError
from heqing_site.letters import queries, signatures
from heqing_site.letters.models import Letter, LetterIssue, LetterSeries
from heqing_site.letters.paper import word_file
from heqing_site.letters.rules import Side
from heqing_site.letters.signatures import Signature
from heqing_site.orgs.models import User
from heqing_site.sheets import actions as sheets
from heqing_site.sheets.fields import Field, day, integer, text
from heqing_site.sheets.models import Intake
from heqing_site.sheets.paper import export
from heqing_site.sheets.reading import Row
from heqing_site.sheets.views import Brought

SIDE_COLUMNS = {
    Side.ISSUER: ("上级方签署人", "上级方签署日"),
    Side.RECEIVER: ("承担方签署人", "承担方签署日"),
}
FIELDS = (
    Field("序号", integer(least=1), needed=True, width=8, says="系统给的号，不改"),
    Field("承担单位", text(80), width=20, says="只供辨认，不读入"),
    Field("编号", text(120), width=26, says="只供辨认，不读入"),
    Field("状态", text(40), width=12, says="只供辨认，不读入"),
    Field("下达日期", text(20), width=12, says="只供辨认，不读入"),
    Field("上级方签署人", text(80), width=14),
    Field("上级方签署日", day(), width=14, says="在下达日期至今天之间"),
    Field("承担方签署人", text(80), width=14),
    Field("承担方签署日", day(), width=14, says="在下达日期至今天之间"),
    Field("更正理由", text(200), width=20, says="改动已经登记的签署时填"),
)


def write(series: LetterSeries) -> bytes:
    """Write the register of a series as a workbook that can be brought back."""
    letters = [letter for letter in queries.letters_of(series) if letter.is_alive]
    signed = queries.signatures_in_force(series)
    rows = []
    for letter in letters:
        row: dict[str, object] = {
            "序号": letter.pk,
            "承担单位": letter.receiver.name,
            "编号": letter.number,
            "状态": letter.state_name,
            "下达日期": "" if letter.issued_on is None else str(letter.issued_on),
        }
        for side, (who, when) in SIDE_COLUMNS.items():
            step = signed.get((letter.pk, side))
            row[who] = "" if step is None else step.signer
            row[when] = "" if step is None else str(step.signed_on)
        rows.append(row)
    return export(f"{series.title}签订登记表"[:31], FIELDS, rows)


def take_in(*, by: User, at: datetime, series: LetterSeries, given: Brought, back: str, language: str | None) -> Intake:
    """Enter who signed on which day from a register that was brought (导入签订登记)."""

    def enter(row: Row) -> bool:
        letter = queries.whole().filter(series=series, pk=row.values["序号"]).first()
        if letter is None:
            raise RuleBrokenError("letter.register_unknown", number=row.values["序号"], column="序号")
        found = []
        for side, (who, when) in SIDE_COLUMNS.items():
            signer, signed_on = row.values.get(who), row.values.get(when)
            if (signer is None) != (signed_on is None):
                raise RuleBrokenError("letter.register_half", column=who if signer is None else when)
            if signer is not None and signed_on is not None:
                found.append(Signature(side, signer, signed_on))
        if not found:
            return False
        because = row.values.get("更正理由") or ""
        return signatures.enter_register(by=by, at=at, letter=letter, signatures=found, because=because)

    return sheets.take_in(
        by=by,
        at=at,
        subject="letters.register",
        title=f"{series.title}签订登记",
        back=back,
        file_name=given.file_name,
        content=given.content,
        pasted=given.pasted,
        fields=FIELDS,
        enter=enter,
        language=language,
    )


# --- all Word files -----------------------------------------------------------------------------------------------


def word_of(letter: Letter) -> tuple[str, bytes]:
    """Give name and bytes of the Word file of a letter: the very file where it was handed down, else the draft."""
    if letter.in_force:
        issue = LetterIssue.objects.get(version__letter=letter, version__number=letter.in_force)
        with issue.received.open("rb") as file:
            return issue.file_name, file.read()
    return draft_of(letter)


def draft_of(letter: Letter) -> tuple[str, bytes]:
    """Give name and bytes of the newest version as a draft."""
    content = queries.version_of(letter, letter.newest).content
    invented = "演示数据 " if content.is_invented else ""
    return f"{invented}草稿 {content.receiver}{content.title}.docx", word_file(
        content, kind=letter.series.words, sealed=None
    )


def all_words(series: LetterSeries) -> bytes:
    """Put the Word files of all letters of a series into one archive."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _numbered(series):
            archive.writestr(name, content)
    return kept.getvalue()


def _numbered(series: LetterSeries) -> Iterator[tuple[str, bytes]]:
    living = [letter for letter in queries.letters_of(series) if letter.is_alive]
    for place, letter in enumerate(living, start=1):
        name, content = word_of(letter)
        yield f"{place:02d} {name}", content
