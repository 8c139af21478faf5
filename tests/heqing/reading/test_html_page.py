"""HTML as the web delivers it: tags that are broken, hidden, endless."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.reading.html_page import page_text


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<p>达到<5%以上</p>", "达到<5%以上\n"),
        ("<p title='a>b'>甲</p>", "甲\n"),
        ("<P>甲<BR>乙</P>", "甲\n乙\n"),
        ("<p>甲<!-- 不看 <p>乙</p> -->丙", "甲丙\n"),
        ("<p>甲<!-- 没有完 <p>乙", "甲乙\n"),
        ("<script>if (a<b) '</p>'</script ><p>甲", "甲\n"),
        ("<SCRIPT src=x></SCRIPT><p>甲", "甲\n"),
        ("<script/><p>甲", "甲\n"),
        ("<style>p{}<p>乙", ""),
        ("<![CDATA[ x ]]><p>甲", "甲\n"),
        ("<![if !IE]><p>甲<![endif]>", "甲\n"),
        ("<p>&lt;甲&gt;&nbsp;&#20057;&amp;", "<甲> 乙&\n"),
        ("<p>甲&#" + "9" * 5000 + ";乙", "甲\ufffd乙\n"),
        ("<p>甲<", "甲<\n"),
        ("<p>甲<b", "甲<b\n"),
        ("<noscript>乙</noscript><p>甲<svg><text>丙</text></svg>", "甲\n"),
        ("<table><tr><th>指标<th>目标<tr><td>优良率<td>85%</table>", "指标\t目标\n优良率\t85%\n"),
        ("<table><tr><td></td><td>甲</td><td></td></tr></table>", "甲\n"),
        ("<select><option>甲<option>乙</select>", "甲\n乙\n"),
        ("<p>一 行\n两 行</p>", "一 行 两 行\n"),
    ],
)
def test_a_page_says_what_it_shows(page: str, said: str) -> None:
    assert page_text(page) == said


@pytest.mark.parametrize(
    "part",
    [
        "<!--",
        "<!",
        "<a",
        "</a",
        "<?",
        "<![",
        "<a x='",
        '<a "',
        "<script></",
        "<script",
        "<table><tr><td>",
        "<b></i>",
        "&#",
        "&a",
        "<p",
    ],
)
def test_a_page_of_one_broken_part_is_read_in_time_that_grows_with_its_length(part: str) -> None:
    """The parser of the standard library takes half a minute for some of them, and hours for ten times as much."""
    assert page_text("<p>甲</p>" + part * 200_000).startswith("甲\n")


class _Standard(HTMLParser):
    """What the standard library's parser hears of a page without hidden parts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said = ""

    def handle_data(self, data: str) -> None:
        self.said += data


@given(st.lists(st.sampled_from(["<p>", "</p>", "<b class='x'>", "</b>", "甲", "乙 ", "&amp;", "<br/>", "<!-- -->"])))
def test_sound_pages_say_what_the_standard_parser_hears(parts: list[str]) -> None:
    standard = _Standard()
    standard.feed("".join(parts))
    standard.close()
    assert "".join(page_text("".join(parts)).split()) == "".join(standard.said.split())
