"""Heqing (河清), the half that computes: standards as dated data, and small functions over frames.

It knows no web framework and no database. What remembers, shows and asks is `heqing_site`.
Start at `heqing.air`, `heqing.water`, `heqing.reading`, `heqing.editions`; every error is in `heqing.errors`.
"""
