"""``heqing config``: the settings in force and where each came from. The one place of this half that reads them.

Settings are environment variables with the prefix ``HEQING_``, all with defaults that run on a laptop.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from importlib.metadata import entry_points, version
from importlib.resources import files
from pathlib import Path
from shutil import which

import typer
from platformdirs import user_data_path

from heqing.errors import UnknownNameError
from heqing.reading.outside import DEADLINE, Outside


@dataclass(frozen=True)
class Setting:
    """One setting: its variable, its value, where the value came from, what it is for."""

    variable: str
    value: str
    came_from: str
    about: str


def _setting(variable: str, default: str, about: str) -> Setting:
    given = os.environ.get(variable)
    return Setting(variable, given or default, "environment" if given else "default", about)


def settings() -> list[Setting]:
    """Give all settings of the command with their origin.

    Returns
    -------
    list of Setting
        In the order they are told.
    """
    return [
        _setting("HEQING_STORE", str(user_data_path("heqing") / "store"), "where `heqing import` keeps observations"),
        _setting(
            "HEQING_OFFICE", which("soffice") or which("libreoffice") or "", "LibreOffice, for .doc, .wps and .xls"
        ),
        _setting("HEQING_OCR", "", "command that recognises a scan, with {file} or {picture} in it; empty is off"),
        _setting("HEQING_OUTSIDE_SECONDS", f"{DEADLINE:g}", "how long LibreOffice or such a command may take"),
        _setting("HEQING_SHARED", "../shared", "real data that tests and `make figures` read in place"),
    ]


def store_directory() -> Path:
    """Give the directory in which observations are kept when a verb is not told another."""
    return Path(next(s.value for s in settings() if s.variable == "HEQING_STORE"))


def outside_programs() -> Outside:
    """Give the programs of others that the reader may use."""
    told = {setting.variable: setting.value for setting in settings()}
    try:
        seconds = float(told["HEQING_OUTSIDE_SECONDS"])
    except ValueError as error:
        raise UnknownNameError("number of seconds", told["HEQING_OUTSIDE_SECONDS"], ["60", "120.5"]) from error
    office = "" if told["HEQING_OFFICE"].lower() in ("off", "none", "0") else told["HEQING_OFFICE"]
    return Outside(office, told["HEQING_OCR"], seconds)


def _settings_of_others() -> list[Setting]:
    """Give the settings that other distributions tell through the group ``heqing.settings``: name, default, meaning.

    One whose name speaks of a secret, and an address that may hold a password, is told without its value.
    """
    found = []
    for source in entry_points(group="heqing.settings"):
        try:
            told = source.load()
        except ModuleNotFoundError:  # the site half without Django
            continue
        for one in told:
            setting = _setting(one.name, one.default, one.meaning)
            hidden = setting.value and one.name.endswith(("_KEY", "_URL", "_SECRET"))
            found.append(replace(setting, value="(set, not shown)") if hidden else setting)
    return found


def config() -> None:
    """Print the settings in force, and where each came from.

    For example:

      heqing config
    """
    typer.echo(f"heqing {version('heqing')}")
    typer.echo(f"rulebook = {files('heqing.rulebook')}  (with the package)")
    for setting in [*settings(), *_settings_of_others()]:
        typer.echo(f"{setting.variable} = {setting.value}  ({setting.came_from}; {setting.about})")
