"""The key that signs sessions, when the environment gives none: made at first need and kept in the data folder.

Whoever reads the file can forge a login; it is written so that only its owner can read it.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path

FILE = "secret_key"


@cache
def secret_key(folder: Path) -> str:
    """Read the key of an installation, making it the first time.

    Two processes that start together end with the same key: the file appears whole or not at all.
    """
    target = folder / FILE
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".{FILE}.{secrets.token_hex(8)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        with suppress(FileExistsError):
            os.link(draft, target)
        draft.unlink()
    return target.read_text(encoding="ascii").strip()
