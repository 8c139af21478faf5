"""The site's own commands: ``python -m heqing_site migrate``, ``runserver``, ``first_admin``, ``check``."""

from __future__ import annotations

import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from heqing_site.web.start import start


def main() -> None:
    """Run one command."""
    try:
        start()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    execute_from_command_line(["python -m heqing_site", *sys.argv[1:]])


if __name__ == "__main__":
    main()
