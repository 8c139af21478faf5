"""Cockpit, map, ledger and home with 2,000 targets and 14 months of daily verdicts: seconds and queries of each page.

    heqing demo --no-serve --data-dir FOLDER
    python benchmarks/pages.py FOLDER [--targets 2000] [--days 425] [--rounds 9]

It fills the invented district of that folder with copies of its targets, each with a verdict for every day, and never
takes them out again: use a folder made for this. A folder that is full already is only measured. Each page is opened
once to warm up, then a few times by Django's own client, without a network between; told are the median and the best.
It ends with 1 when a page is not there, or the median of one is not under 0.3 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

PAGES = (
    "/publishing/cockpit/", "/publishing/cockpit/targets/", "/publishing/map/", "/ledger/", "/ledger/?page=3",
    "/ledger/?by=unit", "/ledger/targets/{number}/", "/",
)  # fmt: skip
BOUND = 0.3  # seconds
READER = "quzhang"


def copied(row, **changes):
    """Give an unsaved copy of a row."""
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "id"}
    return type(row)(**{**columns, **changes})


def fill(wanted: int, days: int) -> None:
    """Copy targets until there are enough, and give each copy the verdict of its model for each day."""
    from django.db import connection, transaction
    from django.utils import timezone

    from heqing_site.ledger.models import Target, TargetTerms
    from heqing_site.ledger.queries import terms_as_of
    from heqing_site.verdicts.models import TargetVerdict
    from heqing_site.verdicts.queries import latest

    today = timezone.localdate()
    known = list(terms_as_of(today).select_related("target"))
    judged = latest(as_of=today)
    first = Target.next_number()
    models = [known[place % len(known)] for place in range(max(0, wanted - Target.objects.count()))]
    targets = [copied(terms.target, number=first + place, finding_id=None) for place, terms in enumerate(models)]
    with transaction.atomic():
        Target.objects.bulk_create(targets)
        pairs = list(zip(models, targets, strict=True))
        made = TargetTerms.objects.bulk_create([copied(terms, target_id=target.pk) for terms, target in pairs])
        rows = [
            copied(judged[terms.target_id], target_id=target.pk, terms_id=own.pk, number=1, day=today)
            for (terms, target), own in zip(pairs, made, strict=True)
            if terms.target_id in judged
        ]
        TargetVerdict.objects.bulk_create(rows, batch_size=500)
        if rows:  # the days before are copied inside the database: 850,000 rows are too many to build one by one
            quote, adapt = connection.ops.quote_name, connection.ops.adapt_datefield_value
            table = quote(TargetVerdict._meta.db_table)
            columns = [field.column for field in TargetVerdict._meta.concrete_fields if not field.primary_key]
            names = ", ".join(quote(name) for name in columns)
            taken = ", ".join("%s" if name == "day" else quote(name) for name in columns)
            sql = f"INSERT INTO {table} ({names}) SELECT {taken} FROM {table} WHERE day = %s AND target_id >= %s"  # noqa: S608
            with connection.cursor() as cursor:
                for ago in range(1, days):
                    day = adapt(today - timedelta(days=ago))
                    cursor.execute(sql, [day, adapt(today), min(target.pk for target in targets)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{connection.vendor}: {Target.objects.count()} targets, {TargetVerdict.objects.count()} verdicts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--targets", type=int, default=2000)
    parser.add_argument("--days", type=int, default=425)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "heqing_site.web.settings"
    os.environ["HEQING_DATA_DIR"] = str(asked.folder.resolve())
    os.environ["HEQING_ALLOWED_HOSTS"] = "testserver"
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from heqing_site.ledger.models import Target
    from heqing_site.orgs.models import User

    fill(asked.targets, asked.days)
    browser = Client()
    browser.force_login(User.objects.get(username=READER))
    is_slow = False
    for page in (page.format(number=Target.objects.order_by("-number")[0].number) for page in PAGES):
        browser.get(page)
        walls, works = [], []
        for _ in range(asked.rounds):
            with CaptureQueriesContext(connection) as queries:
                started, worked = time.perf_counter(), time.process_time()
                answer = browser.get(page)
                walls.append(time.perf_counter() - started)
                works.append(time.process_time() - worked)
        wall = statistics.median(walls)
        within = answer.status_code == 200 and wall < BOUND
        is_slow |= not within
        print(
            f"{page:32} {answer.status_code}  {wall:.3f} s (best {min(walls):.3f}), processor"
            f" {statistics.median(works):.3f} s, {len(queries)} queries{'' if within else '  NOT WITHIN THE BOUND'}",
            flush=True,
        )
    sys.exit(is_slow)


if __name__ == "__main__":
    main()
