"""Pieces at places to lines and paragraphs, without any file: what a page's habits of typesetting decide."""

from __future__ import annotations

from heqing.reading.layout import Page, Piece, lay_out


def _line(said: str, left: float, base: float, size: float = 10) -> Piece:
    return Piece(said, left, left + size * len(said), base, size)


def _text(*pieces: Piece) -> str:
    return lay_out([Page(list(pieces), 800, 400)]).text


FULL = "全区生态环境质量持续改善各项任务落实落细到位见效不放松"  # 27 characters
EDGES = [_line(FULL, 50, 400 + 15 * n) for n in range(4)]


def test_pieces_of_a_line_stand_as_they_are_seen() -> None:
    found = _text(_line("推进", 50, 100), _line("无废城市", 80, 100), _line("“", 70, 100), _line("”", 120, 100))

    assert found == "推进“无废城市”\n"


def test_a_centred_line_that_reaches_the_edge_stands_alone() -> None:
    title = _line(FULL[:20], 120, 100)

    assert _text(title, _line("第一段的话。", 50, 115), *EDGES).splitlines()[0] == FULL[:20]


def test_a_line_of_other_letters_stands_alone() -> None:
    assert _text(_line(FULL, 50, 100), _line("小字说明", 50, 115, size=7), *EDGES).splitlines()[0] == FULL


def test_a_line_far_below_begins_anew() -> None:
    assert _text(*EDGES, _line("另起一段。", 50, 600)).splitlines() == [FULL * 4, "另起一段。"]


def test_a_number_that_did_not_fit_does_not_end_the_paragraph() -> None:
    short = FULL[:23]

    assert _text(_line(short, 50, 385), _line("100%以上", 50, 400), *EDGES[1:]).startswith(short + "100%以上")
    assert _text(_line(short, 50, 385), _line("百分之百", 50, 400), *EDGES[1:]).startswith(short + "\n")
