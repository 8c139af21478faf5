"""Declared schemes of which an installation chooses one: their names, and the one that counts when none is chosen.

A family of presets has a table ``presets`` with the columns ``key``, ``name_zh`` and ``is_default``. What a scheme says
is read by whoever follows it.
"""

from heqing.editions.shelf import table
from heqing.errors import RulebookError


def preset_names(family: str) -> dict[str, str]:
    """Name the schemes of a family of presets.

    Parameters
    ----------
    family : str
        The family.

    Returns
    -------
    dict of str to str
        Key to Chinese name, the default first.

    Examples
    --------
    >>> list(preset_names("light_presets"))
    ['heqing', 'yinchuan']
    """
    rows = table(family, "presets").sort("is_default", descending=True, maintain_order=True)
    return dict(rows.select("key", "name_zh").iter_rows())


def default_preset(family: str) -> str:
    """Give the key of the scheme that counts when none is chosen.

    Parameters
    ----------
    family : str
        The family.

    Returns
    -------
    str
        The key.

    Raises
    ------
    RulebookError
        When the data name none or several.

    Examples
    --------
    >>> default_preset("light_presets")
    'heqing'
    """
    found = table(family, "presets").filter("is_default")["key"].to_list()
    if len(found) != 1:
        raise RulebookError(f"schemes/{family}", f"one scheme must be the default, found {len(found)}")
    return str(found[0])
