"""Who can stand as the doer of an entry. Plain Python.

It knows no user table: the audit room lies below `orgs`, so that even the record of an account is kept as plain values
and stays readable when the account is closed. Look next at ``audit.actions.record``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """The doer (操作人) as plain values.

    Parameters
    ----------
    id : str
        The key of the account, empty when no account acted.
    name : str
        The name as it was on that day, as the record shall show it.
    """

    id: str
    name: str


INSTALLER = Actor(id="", name="系统安装")  # whoever holds the server, before any account exists
SYSTEM = Actor(id="", name="系统")  # what the rounds of each day do by themselves
