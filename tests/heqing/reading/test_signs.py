"""The signs of a text: no pattern that would match is left out, and only few that would not are tried."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heqing.reading.clauses import split_clauses, split_lines
from heqing.reading.lexicon import patterns, rows
from heqing.reading.signs import always, bits, likely, needed, scan, signs_of

WATCHED = [(table, n) for table in ("contexts", "junk", "exclusions") for n in range(len(rows(table)))]


@pytest.mark.parametrize(("table", "n"), WATCHED)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_pattern_that_matches_is_tried(table: str, n: int, data: st.DataObject) -> None:
    pattern, row = patterns(table)[n]
    bare = re.sub(
        r"\(\?!(?:[^()]|\([^()]*\))*\)", "", pattern.pattern
    )  # what must not follow is asked of the match below
    text = data.draw(st.from_regex(bare)) + data.draw(st.sampled_from(["", "甲乙丙丁戊己"]))
    if pattern.search(text):
        assert row in [r for _, r in likely(signs_of(text), table)]


@pytest.mark.parametrize("word", [r["word"] for table in ("strengths", "posts") for r in rows(table)])
def test_a_word_is_a_sign_of_itself(word: str) -> None:
    assert any(word == r["word"] for table in ("strengths", "posts") for _, r in likely(signs_of(f"甲{word}乙"), table))


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("建成|完成", {"建成", "完成"}),
        ("(?:已|将)(?:建成|完成)", {"已建成", "已完成", "将建成", "将完成"}),
        ("全[省市]?覆盖", {"全覆盖", "全省覆盖", "全市覆盖"}),
        (r"\d+个", {"个"}),
        ("(?<=水质)达标(?=率)", {"达标"}),
        ("(?:治)+[^，]{0,9}任务书", {"任务书"}),
        ("甲?乙?", None),
        (r"\d+|完成", None),
        ("(?i)pm", None),
    ],
)
def test_what_a_pattern_cannot_do_without(pattern: str, words: set[str] | None) -> None:
    assert needed(re.compile(pattern)) == (None if words is None else frozenset(words))


def test_a_plain_clause_has_no_signs_of_a_statement() -> None:
    assert not signs_of("河边的柳树绿了") & bits("completions")
    assert signs_of("河边的柳树绿了") == always()


def test_half_a_character_pair_is_no_sign() -> None:
    assert scan("\ud83d力争") == [(1, 3, scan("力争")[0][2])]


def test_clauses_that_say_nothing_are_left_out_and_the_others_know_their_place() -> None:
    clauses = split_clauses(split_lines("河水清了，新建绿道5公里。到2030年，绿道6公里。\n去年，绿道7公里。"))
    assert [(c.text, c.opens) for c in clauses] == [
        ("新建绿道5公里", ""), ("到2030年", "sentence"), ("绿道6公里", ""), ("去年", "line"), ("绿道7公里", ""),
    ]  # fmt: skip
