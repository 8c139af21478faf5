"""Which of several families a pinned edition belongs to: an air result rests on up to four of them.

It chooses nothing by itself; without a pin every family is read by the day. See `heqing.editions.days`.
"""

from __future__ import annotations

from collections.abc import Sequence

from heqing.editions import family, find_edition
from heqing.errors import NoEditionError, UnknownNameError

Pins = str | Sequence[str] | None


def pins_by_family(edition: Pins, families: Sequence[str]) -> dict[str, str | None]:
    """Sort pinned editions by the family they belong to.

    Parameters
    ----------
    edition : str or sequence of str or None
        Numbers of editions, for instance ``HJ 633-2012``.
    families : sequence of str
        The families a rule rests on.

    Returns
    -------
    dict of str to (str or None)
        For each family the pinned edition's number, or None.

    Raises
    ------
    NoEditionError
        When an edition belongs to none of the families.
    UnknownNameError
        When two editions of one family are given.

    Examples
    --------
    >>> pins_by_family("HJ633-2012", ["air_index", "ambient_air"])
    {'air_index': 'HJ 633-2012', 'ambient_air': None}
    """
    names = [] if edition is None else [edition] if isinstance(edition, str) else list(edition)
    found: dict[str, str | None] = dict.fromkeys(families)
    for name in names:
        for key in families:
            try:
                number = find_edition(key, name).number
            except NoEditionError:
                continue
            if found[key] not in (None, number):
                raise UnknownNameError("second edition of one standard to pin", name, [str(found[key])])
            found[key] = number
            break
        else:
            known = [e.number for key in families for e in family(key).editions]
            raise NoEditionError("/".join(families), name, known)
    return found
