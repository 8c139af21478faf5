"""What all pictures share: matplotlib at the door, fonts that have Chinese, words in two languages, legible ink.

It draws nothing by itself.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from heqing.errors import MissingExtraError, UnknownNameError
from heqing.tables import items

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Language = Literal["zh", "en"]
LANGUAGES = ("zh", "en")

# Fonts with Chinese, the best first: Linux, Windows, macOS. matplotlib takes each glyph from the first that has it.
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",  # the face matplotlib finds first in the same file
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Heiti TC",
    "Arial Unicode MS",
)
INK = "#1f2933"
SOFT = "#6b7680"
FAINT = "#d9dee3"
ALARM = "#b42318"
CALM = "#1f5f8b"


@cache
def _words() -> dict[str, dict[str, str]]:
    text = files("heqing.plots").joinpath("words.csv").read_text(encoding="utf-8")
    return {row["key"]: row for row in csv.DictReader(text.splitlines())}


def say(key: str, lang: Language, **values: object) -> str:
    """Give a sentence or label in a language.

    Parameters
    ----------
    key : str
        Its key in ``words.csv``.
    lang : {"zh", "en"}
        The language.
    **values : object
        What it names.

    Returns
    -------
    str
        The words.

    Raises
    ------
    UnknownNameError
        When there is no such language.

    Examples
    --------
    >>> say("days_of", "zh", count=3)
    '3 天'
    """
    if lang not in LANGUAGES:
        raise UnknownNameError("language", lang, list(LANGUAGES))
    return _words()[key][lang].format(**values)


def name_of(domain: str, code: str, lang: Language) -> str:
    """Give the short name of an item, as it fits in a picture.

    Parameters
    ----------
    domain : str
        ``air`` or ``water``.
    code : str
        The item's code.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    str
        Its short name, else its name, else the code.

    Examples
    --------
    >>> name_of("water", "tp", "zh"), name_of("water", "cu", "en")
    ('总磷', 'copper')
    """
    short = _words().get(f"short_{code}")
    if short is not None:
        return short[lang]
    names = {found.code: (found.name_zh if lang == "zh" else found.name_en) for found in items(domain)}
    return names.get(code, code)


@contextmanager
def page(ax: Axes | None, lang: Language, *, size: tuple[float, float]) -> Iterator[Axes]:
    """Give the Axes to draw on, with fonts that have the words of the language.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        The caller's; None makes a figure of its own.
    lang : {"zh", "en"}
        The language.
    size : tuple of float
        Width and height of a new figure [inch].

    Yields
    ------
    matplotlib.axes.Axes
        Within it fonts are set; afterwards all settings are as they were.

    Raises
    ------
    MissingExtraError
        When matplotlib is not installed.
    UnknownNameError
        When there is no such language.

    Examples
    --------
    >>> with page(None, "en", size=(4, 3)) as ax:
    ...     ax.get_title()
    ''
    """
    say("no_value", lang)
    try:
        import matplotlib as mpl
        from matplotlib import font_manager, pyplot
    except ImportError as error:
        raise MissingExtraError("Pictures are drawn", "matplotlib", "plots") from error
    have = {font.name for font in font_manager.fontManager.ttflist}
    chinese = [name for name in CHINESE_FONTS if name in have]
    if not chinese and lang == "zh":
        warnings.warn(
            "No font with Chinese is installed, so characters show as boxes. Install Noto Sans CJK "
            "(apt: fonts-noto-cjk), or draw with lang='en'.",
            UserWarning,
            stacklevel=4,
        )
    settings: dict[Any, Any] = {
        "font.family": [*chinese, "DejaVu Sans"] if lang == "zh" else ["DejaVu Sans", *chinese],
        "axes.unicode_minus": False,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": SOFT,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(settings):
        if ax is None:
            figure = pyplot.figure(figsize=size, dpi=110, layout="constrained")
            ax = figure.add_subplot()
        yield ax
        # An Axes of the caller's has labels already, in the fonts of its own.
        for text in (ax.xaxis.label, ax.yaxis.label):
            text.set_fontfamily(settings["font.family"])
        ax.tick_params(labelfontfamily=settings["font.family"])


def ink_on(colour: str) -> str:
    """Give the ink that is read best on a colour: dark or white, by the contrast of WCAG.

    Parameters
    ----------
    colour : str
        Hexadecimal, ``#RRGGBB``.

    Returns
    -------
    str
        Hexadecimal.

    Examples
    --------
    >>> ink_on("#FFFF00"), ink_on("#7E0023")
    ('#000000', '#FFFFFF')
    """
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    light = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "#000000" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "#FFFFFF"


def title(ax: Axes, text: str, note: str = "") -> None:
    """Set the title at the left, as all pictures here have it, and a note under it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The picture.
    text : str
        Its title.
    note : str
        What the picture says, in a sentence.

    Examples
    --------
    >>> with page(None, "en", size=(4, 3)) as ax:
    ...     title(ax, "A", "B")
    >>> ax.get_title(loc="left"), ax.texts[-1].get_text()
    ('A', 'B')
    """
    import matplotlib as mpl

    fonts = mpl.rcParams["font.family"]  # as `page` has set them
    ax.set_title(text, loc="left", fontfamily=fonts, fontsize=14, fontweight="bold", pad=26 if note else 12)
    if note:
        ax.text(0, 1.02, note, transform=ax.transAxes, fontsize=9, color=SOFT, va="bottom")


def place_of(given: str, lang: Language) -> str:
    """Give the name of a place as it opens a title, or nothing.

    Parameters
    ----------
    given : str
        The name, or nothing.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    str
        For the title.

    Examples
    --------
    >>> place_of("甲市", "zh"), place_of("Jia", "en"), place_of("", "zh")
    ('甲市 ', 'Jia: ', '')
    """
    if not given:
        return ""
    return f"{given} " if lang == "zh" else f"{given}: "
