"""Heqing (河清), the half that remembers, shows and asks. It is a Django project; the rules live in `heqing`."""
