"""Old Office files through LibreOffice and scans through a command: what is asked of them, and what when they fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.heqing.reading.received import ofd_file, pdf_file, pdf_of_pictures, word_file, workbook_file

from heqing.errors import BadFileError
from heqing.reading import Outside, decode

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def _program(folder: Path, body: str) -> str:
    """Write a program in Python and give the command that runs it."""
    file = folder / "program.py"
    file.write_text(f"import sys, pathlib, time\n{body}\n", encoding="utf-8")
    return f"{sys.executable} {file}"


def _office(folder: Path, body: str) -> str:
    """Write a stand-in for LibreOffice that understands its words: form wanted, folder, file."""
    file = folder / "soffice"
    file.write_text(
        f"#!{sys.executable}\nimport sys, pathlib, time\nwords = sys.argv\n"
        "to, out, given = words[words.index('--convert-to') + 1], words[words.index('--outdir') + 1], words[-1]\n"
        f"{body}\n",
        encoding="utf-8",
    )
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(
    ("name", "raw"), [("a.doc", OLD), ("a.wps", OLD), ("a.xls", OLD), ("a.rtf", b"{\\rtf1 plain}")]
)
def test_without_libreoffice_the_refusal_says_what_to_do(name: str, raw: bytes) -> None:
    with pytest.raises(BadFileError, match="or install LibreOffice") as refused:
        decode(raw, name)
    assert refused.value.code == "old_office"


@pytest.mark.parametrize(
    ("name", "wanted", "made"),
    [
        ("旧.doc", "docx", word_file),
        ("旧.wps", "docx", word_file),
        ("旧.xls", "xlsx", workbook_file),
        ("旧.et", "xlsx", workbook_file),
    ],
)
def test_libreoffice_is_asked_for_the_form_that_fits(tmp_path: Path, name: str, wanted: str, made: object) -> None:
    (tmp_path / "result").write_bytes(made())  # type: ignore[operator]
    office = _office(
        tmp_path,
        f"assert to == {wanted!r} and given.endswith({Path(name).suffix!r})\n"
        f"pathlib.Path(out).mkdir()\n"
        f"pathlib.Path(out, 'received.' + to).write_bytes(pathlib.Path({str(tmp_path / 'result')!r}).read_bytes())",
    )
    received = decode(OLD, name, outside=Outside(office=office))
    assert (received.name, received.form) == (name, wanted)
    assert "优良" in received.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.exit(3)", "LibreOffice ended with 3"),
        ("pass", "LibreOffice cannot read it"),
        ("time.sleep(60)", "LibreOffice took more than 1 seconds and was stopped"),
        ("pathlib.Path(out).mkdir(); pathlib.Path(out, 'received.docx').write_bytes(b'no word')", "the name says Word"),
    ],
    ids=["fails", "does nothing", "hangs", "gives rubbish"],
)
def test_a_libreoffice_that_fails_is_told(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(BadFileError, match=said):
        decode(OLD, "a.doc", outside=Outside(office=_office(tmp_path, body), seconds=1))


def test_a_locked_old_file_is_not_given_away(tmp_path: Path) -> None:
    office = _office(tmp_path, "sys.exit(9)")
    with pytest.raises(BadFileError, match="password") as refused:
        decode(OLD + "EncryptedPackage".encode("utf-16-le"), "a.docx", outside=Outside(office=office))
    assert refused.value.code == "locked"


def test_the_real_libreoffice_reads_what_it_wrote(tmp_path: Path) -> None:
    """Runs where LibreOffice is installed; elsewhere the stand-in above has told what is asked of it."""
    office = shutil.which("soffice")
    if office is None:
        return
    (tmp_path / "要点.docx").write_bytes(word_file())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "doc", "--outdir", str(tmp_path), str(tmp_path / "要点.docx")],
        check=True,
        capture_output=True,
    )
    received = decode((tmp_path / "要点.doc").read_bytes(), "要点.doc", outside=Outside(office=office))
    assert received.text == decode(word_file(), "要点.docx").text


@pytest.mark.parametrize(
    ("raw", "name"), [(pdf_of_pictures(), "a.pdf"), (PICTURE, "a.png"), (ofd_file(["<x/>"]), "a.ofd")]
)
def test_a_scan_is_given_to_the_command_as_received(tmp_path: Path, raw: bytes, name: str) -> None:
    command = _program(
        tmp_path, "print(pathlib.Path(sys.argv[1]).suffix, len(pathlib.Path(sys.argv[1]).read_bytes()), '优良率85%')"
    )
    received = decode(raw, name, outside=Outside(ocr=command + " {file}"))
    assert received.text == f"{Path(name).suffix} {len(raw)} 优良率85%\n"
    assert received.form == "scan"


def test_a_command_for_pictures_is_run_page_by_page(tmp_path: Path) -> None:
    command = _program(tmp_path, "print(pathlib.Path(sys.argv[2]).name, sys.argv[1])")
    raw = pdf_of_pictures()
    received = decode(raw, "a.pdf", outside=Outside(ocr=command + " '两个 词' {picture}"))
    assert received.text == "page1.png 两个 词\n"


def test_a_text_layer_is_never_recognised(tmp_path: Path) -> None:
    received = decode(
        pdf_file([["有字的一页"]]), "a.pdf", outside=Outside(ocr=_program(tmp_path, "sys.exit(1)") + " {file}")
    )
    assert received.text == "有字的一页\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.stderr.write('no language chi_sim'); sys.exit(1)", "ended with 1: no language chi_sim"),
        ("pass", "found no text"),
        ("time.sleep(60)", "took more than 1 seconds and was stopped"),
        ("import subprocess; subprocess.run(['sleep', '60'])", "took more than 1 seconds and was stopped"),
    ],
    ids=["fails", "silent", "hangs", "its child hangs"],
)
def test_a_command_that_fails_is_told(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(BadFileError, match=said):
        decode(PICTURE, "a.png", outside=Outside(ocr=_program(tmp_path, body) + " {picture}", seconds=1))


def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(BadFileError, match="cannot be started") as refused:
        decode(PICTURE, "a.png", outside=Outside(ocr="/no/such/program {file}"))
    assert refused.value.code == "outside"


def test_a_name_is_never_a_part_of_the_command(tmp_path: Path) -> None:
    command = _program(tmp_path, "print(sys.argv[1:])")
    received = decode(PICTURE, "$(touch x); a.png", outside=Outside(ocr=command + " {file}"))
    assert "touch" not in received.text


def test_what_a_command_started_ends_with_it(tmp_path: Path) -> None:
    told = tmp_path / "child"
    body = (
        "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
        f"pathlib.Path({str(told)!r}).write_text(str(child.pid))\nchild.wait()"
    )
    with pytest.raises(BadFileError, match="was stopped"):
        decode(PICTURE, "a.png", outside=Outside(ocr=_program(tmp_path, body), seconds=3))
    assert _is_over(int(told.read_text(encoding="utf-8")))


def _is_over(pid: int) -> bool:
    """Say whether a process is gone, or dead and only not yet fetched by its parent."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return not state.strip() or state.strip().startswith("Z")
