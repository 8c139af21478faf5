"""The second reader: a fake model on this machine answers; what it says is held against the text."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.command import heqing

from heqing.errors import SecondReaderError
from heqing.reading import read
from heqing.reading.second import limit, pieces_of, read_second

SAID = "云岫县全年要点\n力争新增绿道30公里。\n群众身边的小事要办成五十样。\n建成XX座公园。\n"


def row(**facts: Any) -> dict[str, Any]:
    return {
        "kind": "target", "quote": "群众身边的小事要办成五十样", "indicator": "家门口办成小事",
        "comparator": "==", "value": 50, "value_text": "五十", "unit": "样", "period": "2026", "baseline": None,
        "strength": "plan",
        "scope": None, "pillar": "livelihood", **facts,
    }  # fmt: skip


def proposed(*rows: Any, text: str = SAID) -> Any:
    return read_second(
        read(text, "a.txt"), lambda messages: json.dumps(list(rows), ensure_ascii=False), proposed_by="m"
    )


def test_proposal_is_marked_and_its_confidence_is_capped() -> None:
    found = proposed(row(confidence=1.0)).findings

    assert [one.why for one in found] == [("second_reader",)]
    assert found[0].confidence == float(limit("confidence")) < 0.9
    assert SAID[found[0].start : found[0].end] == found[0].quote
    assert (found[0].value, found[0].unit) == (Decimal(50), "样")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (row(quote="群众身边小事要办成五十样"), "quote_not_in_text"),
        (row(quote=""), "quote_not_in_text"),
        (row(value=60), "value_not_in_quote"),
        (row(value=60, value_text="六十"), "value_not_in_quote"),
        (row(value=50, value_text=""), "value_not_in_quote"),
        (row(kind="wish"), "not_a_row"),
        (row(comparator="="), "not_a_row"),
        ({"quote": 3}, "not_a_row"),
        ("群众身边", "not_a_row"),
        (
            row(quote="力争新增绿道30公里", indicator="绿道", value=30, value_text="30", unit="公里"),
            "known",
        ),
    ],
)
def test_proposal_that_does_not_stand_in_the_text_is_dropped_and_counted(said: Any, code: str) -> None:
    found = proposed(said)

    assert found.findings == ()
    assert found.dropped == {code: 1}


def test_masked_number_stays_masked() -> None:
    text = "要点\n全县要有XX座公园正在那里。\n"
    said = row(quote="全县要有XX座公园正在那里", indicator="公园", value=None, value_text="XX", unit="座")
    ours = read(text, "a.txt")

    found = read_second(ours, lambda messages: json.dumps([said], ensure_ascii=False), proposed_by="m")

    assert [(one.value, one.gap) for one in found.findings] in ([(None, "number_masked")], [])
    assert sum(found.dropped.values()) + len(found.findings) == 1


def test_masked_number_is_never_filled_in() -> None:
    said = row(quote="建成XX座公园", indicator="公园", value=12, value_text="XX", unit="座")

    assert proposed(said).dropped == {"value_not_in_quote": 1}


def test_words_round_the_list_do_not_matter() -> None:
    answer = "好的：\n```json\n" + json.dumps([row()], ensure_ascii=False) + "\n```"

    assert len(read_second(read(SAID, "a.txt"), lambda messages: answer, proposed_by="m").findings) == 1


def test_answer_without_a_list_is_asked_for_again_and_then_the_piece_is_named() -> None:
    asked: list[int] = []

    def ask(messages: Any) -> str:
        asked.append(1)
        return "我不能"

    found = read_second(read(SAID, "a.txt"), ask, proposed_by="m")

    assert len(asked) == int(limit("asks"))
    assert [piece[:2] for piece in found.failed] == [(0, len(SAID))]


def test_piece_that_fails_does_not_stop_the_others() -> None:
    text = SAID + "这一行只是叙述。\n" * 900
    pieces = list(pieces_of(text))

    def ask(messages: Any) -> str:
        if messages[1]["content"] == text[slice(*pieces[1])]:
            raise SecondReaderError("busy")
        return json.dumps([row()] if "五十样" in messages[1]["content"] else [], ensure_ascii=False)

    found = read_second(read(text, "a.txt"), ask, proposed_by="m")

    assert found.failed == ((*pieces[1], "busy"),)
    assert len(found.findings) == 1
    assert found.pieces == len(pieces) > 2


def test_what_stands_in_two_pieces_is_proposed_once() -> None:
    text = "说明。\n" * 700 + SAID
    shared = text.index("群众身边")

    found = read_second(
        read(text, "a.txt"), lambda m: json.dumps([row()] if "五十样" in m[1]["content"] else []), proposed_by="m"
    )

    assert [one.start for one in found.findings] == [shared]


@given(st.text(alphabet="一二。；\n ab", max_size=9000))
def test_pieces_cover_the_text_and_are_no_longer_than_allowed(text: str) -> None:
    covered = set()
    for start, end in pieces_of(text):
        assert 0 < end - start <= int(limit("piece"))
        covered.update(range(start, end))
    assert all(text[place].isspace() for place in range(len(text)) if place not in covered)


# --- over the wire ------------------------------------------------------------------------------------------------

Answer = Callable[[dict[str, Any], int], tuple[int, dict[str, str], bytes]]


class Model:
    """A fake model: answers as it is told and remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[tuple[str | None, dict[str, Any]]] = []
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.asked.append((self.headers["Authorization"], said))
                code, headers, body = answer(said, len(model.asked))
                self.send_response(code)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def model(socket_enabled: None) -> Iterator[Callable[[Answer], Model]]:
    opened: list[Model] = []

    def open_one(answer: Answer) -> Model:
        opened.append(Model(answer))
        return opened[-1]

    yield open_one
    for one in opened:
        one.server.shutdown()
        one.server.server_close()


def words(content: str) -> tuple[int, dict[str, str], bytes]:
    body = {"choices": [{"message": {"role": "assistant", "content": content}}]}
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text(SAID, encoding="utf-8")
    return tmp_path


def ask(folder: Path, monkeypatch: pytest.MonkeyPatch, url: str, *more: str) -> Any:
    monkeypatch.setenv("HEQING_SECOND_READER_URL", url)
    monkeypatch.setenv("HEQING_SECOND_READER_MODEL", "fake")
    monkeypatch.setenv("HEQING_SECOND_READER_KEY", "geheim-1")
    return heqing(folder, "read", "a.txt", "--second-reader", *more)


def test_command_prints_proposals_beside_our_own(folder: Path, monkeypatch: Any, model: Any) -> None:
    fake = model(lambda said, turn: words(json.dumps([row()], ensure_ascii=False)))

    done = ask(folder, monkeypatch, fake.url, "--format", "jsonl")

    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one.get("proposed_by") for one in rows if one["indicator"] == "家门口办成小事"] == ["fake"]
    assert any("proposed_by" not in one for one in rows)
    key, said = fake.asked[0]
    assert key == "Bearer geheim-1"
    assert said["model"] == "fake"
    assert said["messages"][1]["content"] == SAID


def test_table_shows_proposals_apart(folder: Path, monkeypatch: Any, model: Any) -> None:
    done = ask(folder, monkeypatch, model(lambda said, turn: words(json.dumps([row()]))).url)

    assert "第二解读提出，未核对" in done.stdout


def test_busy_model_is_asked_again(folder: Path, monkeypatch: Any, model: Any) -> None:
    fake = model(lambda said, turn: (503, {}, b"") if turn == 1 else words("[]"))

    assert ask(folder, monkeypatch, fake.url).returncode == 0
    assert len(fake.asked) == 2


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((401, {}, b""), "answered 401"),
        ((200, {}, b"{}"), "chat completion"),
        ((200, {}, b"\xff"), "chat completion"),
        ((302, {"Location": "http://127.0.0.1:9/"}, b""), "points elsewhere"),
        ((200, {}, b" " * 1_000_001), "too long"),
    ],
)
def test_piece_that_failed_is_named_and_the_exit_code_is_one(
    folder: Path, monkeypatch: Any, model: Any, answer: Any, told: str
) -> None:
    fake = model(lambda said, turn: answer)

    done = ask(folder, monkeypatch, fake.url, "--format", "jsonl")

    assert done.returncode == 1
    assert f"characters 0 to {len(SAID)}" in done.stderr.replace("\n", " ")
    assert told in done.stderr.replace("\n", " ")
    assert done.stdout, "our own findings are printed all the same"


@pytest.mark.parametrize(("url", "told"), [("", "no second reader is configured"), ("file:///etc/passwd", "no http")])
def test_without_a_web_address_nothing_is_asked(folder: Path, monkeypatch: Any, url: str, told: str) -> None:
    done = ask(folder, monkeypatch, url)

    assert done.returncode == 1
    assert told in done.stderr


def test_key_is_never_shown(folder: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HEQING_SECOND_READER_KEY", "geheim-1")

    assert "geheim-1" not in heqing(folder, "config").stdout
