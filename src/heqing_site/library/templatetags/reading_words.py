"""How a template says why a finding was read so."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from heqing_site.library import queries

register = template.Library()


@register.filter
def in_words(codes: list[str]) -> str:
    """Say the rules behind the codes of a finding, in the reader's language."""
    language = get_language()
    sign = "; " if (language or "").startswith("en") else "；"
    return sign.join(queries.why_in_words(codes, language))


@register.filter
def of_hundred(confidence: float) -> int:
    """Give a confidence as so many of a hundred."""
    return round(confidence * 100)
