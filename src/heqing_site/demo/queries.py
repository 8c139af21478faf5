"""What can be asked of the demonstration. Nothing here writes, and nothing here reads the clock."""

from __future__ import annotations

from heqing_site.demo.models import Demonstration


def demonstration() -> Demonstration | None:
    """Give the invented district of this installation, or None where everything is real."""
    return Demonstration.objects.select_related("district").first()
