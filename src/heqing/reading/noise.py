"""Lines that are page furniture, not document (噪声行): share bars, captchas, navigation, spam titles, picture names.

It removes nothing: the reader skips these lines and hands them back as junk. The patterns are data, table ``junk``.
Look next at `heqing.reading.clauses`.
"""

from __future__ import annotations

import re

from heqing.reading.signs import likely, signs_of

_SENTENCE = re.compile(r"[。；！？]")


def is_noise(line: str, signs: int | None = None) -> bool:
    """Say whether a line is page furniture.

    Parameters
    ----------
    line : str
        One clean line, without its line end.
    signs : int, optional
        The signs it holds, where they are known.

    Returns
    -------
    bool
        True for noise. A line that reads like prose (several sentences) is noise only when it begins or ends as such.

    Examples
    --------
    >>> is_noise("验证码：")
    True
    >>> is_noise("全市空气质量优良率达到九成。")
    False
    """
    bare = line.strip()
    if not bare:
        return False
    if len(bare) > 400 or (len(bare) > 120 and len(_SENTENCE.findall(bare)) > 4):
        return False
    return any(pattern.search(bare) for pattern, _ in likely(signs_of(bare) if signs is None else signs, "junk"))
