"""What every process of the site does first: name the settings and make the data folder."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def start() -> None:
    """Make this process ready for Django.

    Raises
    ------
    ImproperlyConfigured
        When the data folder cannot be made.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heqing_site.web.settings")
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {settings.DATA_DIR} cannot be made ({error.strerror}). "
            "Point HEQING_DATA_DIR to a folder that this account may write."
        ) from error
