"""The database itself refuses to change or delete templates, versions, lines, steps, issues and scans of letters."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_initial")]
    operations = [
        guard(
            "letters_lettertemplate",
            "letters_letterversion",
            "letters_letterline",
            "letters_letterstep",
            "letters_letterissue",
            "letters_letterevidence",
        )
    ]
