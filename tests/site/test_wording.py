"""What the site says: every code that is raised or recorded has its words, in both languages, and none lies idle."""

from __future__ import annotations

import gettext
import re
import string
from pathlib import Path

import heqing_site
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.wording import messages

ROOT = Path(heqing_site.__file__).parent
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py")))


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_code_that_is_raised_or_recorded_has_words_and_none_lies_idle():
    raised = set(re.findall(r'RuleBrokenError\(\s*"([a-z_.]+)"', SOURCE)) | {PERMISSION_MISSING}
    recorded = {f"action.{code}" for code in re.findall(r'action="([a-z_]+\.[a-z_]+)"', SOURCE)}

    assert raised | recorded == set(messages())


def test_chinese_and_english_name_the_same_values_or_the_english_fewer():
    for code, (chinese, english) in messages().items():
        assert placeholders(english) <= placeholders(chinese), code
        assert chinese
        assert english


def test_chinese_sentences_end_calmly():
    for code, (chinese, english) in messages().items():
        if not code.startswith("action."):
            assert chinese[-1] in "。}", code
            assert not set("!！") & set(chinese + english), code


def test_an_error_speaks_chinese_unless_english_is_asked_for():
    error = RuleBrokenError("unit.move_cycle", unit="东溪镇", parent="柳湾村")

    assert error.sentence() == "“东溪镇”不能移到自己的下级“柳湾村”之下。"
    assert error.sentence("zh-hans") == error.sentence()
    assert error.sentence("en-gb").startswith("“东溪镇” cannot be moved")
    assert str(error).startswith("unit.move_cycle: ")


def test_views_write_nothing_themselves():
    for path in [*ROOT.rglob("views.py"), *ROOT.rglob("queries.py"), *ROOT.rglob("forms.py")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\.(save|create|update|delete|bulk_\w+|get_or_create)\(", text), path


def test_every_word_of_the_pages_has_its_english_and_the_compiled_files_are_fresh():
    written: dict[str, str] = {}
    for folder in sorted(ROOT.glob("*/locale/en/LC_MESSAGES")):  # the frame's, and those of rooms that bring their own
        own = dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', (folder / "django.po").read_text("utf-8"), flags=re.M))
        with (folder / "django.mo").open("rb") as file:
            compiled = gettext.GNUTranslations(file)
        assert {chinese: compiled.gettext(chinese) for chinese in own} == own
        written |= own
    used = {
        words
        for path in [*ROOT.rglob("templates/**/*.html"), *ROOT.rglob("*.py")]
        for words in re.findall(r"""(?:translate |\b_\()["'](.+?)["']""", path.read_text(encoding="utf-8"))
    }

    assert all(written.values())
    assert used <= set(written)
