"""Words to choose from in task lists: kinds of list (清单类别) and sources of money (资金来源)."""

from __future__ import annotations

from heqing.editions import table

FAMILY = "work_words"


def list_kinds() -> dict[str, str]:
    """Name the kinds of task list.

    Returns
    -------
    dict of str to str
        Key to Chinese name, in order.

    Examples
    --------
    >>> list_kinds()["key"]
    '攻坚清单'
    """
    return dict(table(FAMILY, "list_kinds").sort("place").select("kind", "name_zh").iter_rows())


def funds() -> dict[str, str]:
    """Name the sources of money.

    Returns
    -------
    dict of str to str
        Key to Chinese name, in order.

    Examples
    --------
    >>> list(funds().values())[0]
    '中央'
    """
    return dict(table(FAMILY, "funds").sort("place").select("fund", "name_zh").iter_rows())
