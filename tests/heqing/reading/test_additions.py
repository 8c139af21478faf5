"""An installation's own words: what they change in a reading, what they leave alone, and how they stand in files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.factories.command import heqing

from heqing.errors import BadFileError
from heqing.reading import Additions, Synonym, read

SAID = (
    "全区生态环境工作要点\n一、持续治气\n确保蓝天占比达到85%以上，新建污水管网12公里。\n本页由甲乙编发于3月1日\n"
    "境内现有河道120公里，力争蓝天占比保持全市第一。\n"
)


def names(**own: object) -> list[str | None]:
    return [f.indicator for f in read(SAID, "要点", additions=Additions(**own)).findings]  # type: ignore[arg-type]


def test_no_words_change_nothing() -> None:
    assert read(SAID, "要点", additions=Additions()) == read(SAID, "要点")


def test_a_synonym_renames_and_says_so_and_moves_nothing_else() -> None:
    plain = read(SAID, "要点").findings
    own = Additions(synonyms=(Synonym("蓝天占比", "空气质量优良天数比例", "air"),))
    found = read(SAID, "要点", additions=own).findings

    assert [f.indicator for f in plain].count("蓝天占比") >= 1
    assert "蓝天占比" not in [f.indicator for f in found]
    for before, after in zip(plain, found, strict=True):
        assert (before.quote, before.value, before.start, before.end) == (
            after.quote,
            after.value,
            after.start,
            after.end,
        )
        assert (after.indicator, after.why[-1:]) == (
            ("空气质量优良天数比例", ("own_name",))
            if before.indicator == "蓝天占比"
            else (before.indicator, before.why[-1:])
        )
        if before.indicator == "蓝天占比":
            assert after.pillar == "air"


def test_a_synonym_is_met_in_traditional_script_and_other_widths() -> None:
    own = Additions(synonyms=(Synonym("藍天占比 ", "空气质量优良天数比例"),))
    assert read("确保蓝天占比达到85%。", additions=own).findings[0].indicator == "空气质量优良天数比例"


def test_only_the_whole_name_is_a_synonym() -> None:
    assert "空气质量优良天数比例" not in names(synonyms=(Synonym("占比", "空气质量优良天数比例"),))


def test_a_line_is_noise_whatever_its_numbers_and_another_is_noise_no_more() -> None:
    own = Additions(junk=(("本页由甲乙编发于7月15日", True), ("打印", False)))
    found = read(SAID + "打印\n", "要点", additions=own)

    assert [line.line for line in found.junk] == ["本页由甲乙编发于3月1日"]
    assert [line.line for line in read(SAID + "打印\n", "要点").junk] == ["打印"]


def test_an_expression_that_makes_no_target_takes_its_clause_only() -> None:
    plain = names()
    assert [name for name in plain if name not in names(exclusions=("境内现有",))] == [
        f.indicator for f in read(SAID, "要点").findings if "境内现有" in f.quote
    ]
    assert "蓝天占比" in names(exclusions=("境内现有",))


def test_tables_are_read_with_their_further_columns() -> None:
    own = Additions.from_csv(
        {
            "synonyms": "\ufeffword,name,pillar,since\n蓝天占比,空气质量优良天数比例,air,2026-03-02\n",
            "junk": "line,noise\n本页由甲乙编发,是\n打印,no\n",
            "exclusions": "word,since\n境内现有,2026-03-02\n",
        }
    )
    assert own == Additions(
        synonyms=(Synonym("蓝天占比", "空气质量优良天数比例", "air"),),
        junk=(("本页由甲乙编发", True), ("打印", False)),
        exclusions=("境内现有",),
    )


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        ("synonyms", "word\n甲\n", "must name the columns word, name"),
        ("synonyms", "", "must name the columns word, name"),
        ("synonyms", "word,name\n甲,乙\n丙,\n", "row 2, column name"),
        ("junk", "line,noise\n打印,maybe\n", "say yes or no"),
        ("exclusions", "word\n \n", "may not be empty"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_place(table: str, text: str, said: str) -> None:
    with pytest.raises(BadFileError, match=f"{table}.csv") as refusal:
        Additions.from_csv({table: text})
    assert said in str(refusal.value)


def test_the_command_reads_a_folder_of_words(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(SAID, encoding="utf-8")
    words = tmp_path / "words"
    words.mkdir()
    empty = heqing(tmp_path, "read", "a.txt", "--words", "words")
    (words / "synonyms.csv").write_text("word,name\n蓝天占比,空气质量优良天数比例\n", encoding="utf-8")
    done = heqing(tmp_path, "read", "a.txt", "--words", "words", "--format", "jsonl")
    (words / "junk.csv").write_bytes(b"line,noise\n\xff\xfe,yes\n")
    broken = heqing(tmp_path, "read", "a.txt", "--words", "words")

    assert done.returncode == 0, done.stderr
    assert "空气质量优良天数比例" in done.stdout
    assert empty.returncode == broken.returncode == 1
    assert "none of synonyms.csv, junk.csv, exclusions.csv" in " ".join(empty.stderr.split())
    assert "save it as CSV in UTF-8" in " ".join(broken.stderr.split())
