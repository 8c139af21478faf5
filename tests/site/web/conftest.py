"""Who reports and checks, and targets, as the room of reports builds them."""

from __future__ import annotations

from tests.site.reporting.conftest import office, submitted, target  # noqa: F401  fixtures of another room
