"""Whatever the bytes, a file is read or refused, and what is read stands where it says. The long run is a benchmark."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.heqing.reading.received import damaged, some_of_each, spoken

from heqing.errors import BadFileError
from heqing.reading import ReceivedText, decode, read
from heqing.reading.decoding import ENDINGS

STARTS = [b"", b"PK\x03\x04", b"%PDF-1.7\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf1", b"\xff\xfe", b"<html><p>"]
# Words out of which texts are made that the reader finds something in.
PARTS = [
    "优良率达到85%以上", "力争", "PM2.5", "(chù)", "處", "，", "。", "\r\n", "\u3000", "xx公里", "一、", "打印", "\x00",
    "\u200b", "\t",
]  # fmt: skip


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return some_of_each()


@settings(deadline=None)
@given(st.sampled_from(STARTS), st.binary(max_size=400), st.sampled_from([*ENDINGS, ".png", ""]))
def test_any_bytes_under_any_ending_are_read_or_refused(start: bytes, raw: bytes, ending: str) -> None:
    with suppress(BadFileError):
        received = decode(start + raw, f"a{ending}")
        assert received.text.strip()
        _check(received)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_a_damaged_file_of_any_form_is_read_or_refused(files: dict[str, bytes], seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - no secret hangs on it
    name = chance.choice(list(files))
    with suppress(BadFileError):
        _check(decode(damaged(files[name], chance), name))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=5), max_size=40))
def test_every_row_stands_where_it_says_in_any_text(parts: list[str]) -> None:
    _check(ReceivedText("a.txt", "".join(parts)))


def test_a_sound_file_of_every_form_is_read_and_every_row_stands_where_it_says(files: dict[str, bytes]) -> None:
    for name, raw in files.items():
        assert _check(decode(raw, name)), name


def _check(received: ReceivedText) -> int:
    found = read(received)
    assert found.text == received.text
    for words, start, end in spoken(found):
        assert found.text[start:end] == words
    assert [place.start for place in received.places] == sorted(place.start for place in received.places)
    return len(found.findings)
