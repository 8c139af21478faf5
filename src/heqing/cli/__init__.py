"""The ``heqing`` command: one module per verb; the site half adds its verbs through the group ``heqing.verbs``."""
