"""How a template says why a finding was read so."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from heqing_site.library import queries

register = template.Library()


@register.filter
def told_with(codes: list[str], confidence: float) -> str:
    """Say the rules behind the codes of a finding and what its confidence means, in the reader's language."""
    language = get_language()
    sign = "; " if (language or "").startswith("en") else "；"
    return sign.join(queries.why_in_words(codes, language)) + sign + _sure(of_hundred(confidence), language)


@lru_cache(maxsize=512)
def _sure(share: int, language: str | None) -> str:
    return _("把握 %(share)s%%：这样读出的条目，一百条里约有 %(share)s 条是对的。") % {"share": share}


@register.filter
def of_hundred(confidence: float) -> int:
    """Give a confidence as so many of a hundred."""
    return round(confidence * 100)
