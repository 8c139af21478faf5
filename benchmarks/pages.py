"""Cockpit, map and ledger with 2,000 targets: seconds and queries of each page.

    heqing demo --no-serve --data-dir FOLDER
    python benchmarks/pages.py FOLDER [--targets 2000] [--days 60]

It fills the invented district of that folder with copies of its targets, each with a verdict for some days, and never
takes them out again: use a folder made for this. Each page is opened once to warm up and then told by the best of five.
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import timedelta
from pathlib import Path

PAGES = ("/publishing/cockpit/", "/publishing/cockpit/targets/", "/publishing/map/", "/ledger/", "/")
ROUNDS = 5


def copied(row, **changes):
    """Give an unsaved copy of a row."""
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "id"}
    return type(row)(**{**columns, **changes})


def fill(wanted: int, days: int) -> None:
    from django.utils import timezone

    from heqing_site.ledger.models import Target, TargetTerms
    from heqing_site.ledger.queries import terms_as_of
    from heqing_site.verdicts.queries import latest

    today = timezone.localdate()
    known = list(terms_as_of(today).select_related("target"))
    judged = latest(as_of=today)
    first = Target.next_number()
    models = [known[place % len(known)] for place in range(max(0, wanted - Target.objects.count()))]
    targets = [copied(terms.target, number=first + place, finding_id=None) for place, terms in enumerate(models)]
    Target.objects.bulk_create(targets)
    pairs = list(zip(models, targets, strict=True))
    made = TargetTerms.objects.bulk_create([copied(terms, target_id=target.pk) for terms, target in pairs])
    rows = [
        copied(judged[terms.target_id], target_id=target.pk, terms_id=own.pk, number=1, day=today - timedelta(days=ago))
        for (terms, target), own in zip(pairs, made, strict=True)
        if terms.target_id in judged
        for ago in range(days)
    ]
    type(next(iter(judged.values()))).objects.bulk_create(rows, batch_size=500)
    print(f"{Target.objects.count()} targets, {len(rows)} verdicts added")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--targets", type=int, default=2000)
    parser.add_argument("--days", type=int, default=60)
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "heqing_site.web.settings"
    os.environ["HEQING_DATA_DIR"] = str(asked.folder)
    os.environ["HEQING_ALLOWED_HOSTS"] = "testserver"
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from heqing_site.orgs.models import User

    fill(asked.targets, asked.days)
    browser = Client()
    browser.force_login(User.objects.get(username="quzhang"))
    for page in PAGES:
        browser.get(page)
        found = []
        for _ in range(ROUNDS):
            with CaptureQueriesContext(connection) as queries:
                started, worked = time.perf_counter(), time.process_time()
                status = browser.get(page).status_code
                found.append((time.perf_counter() - started, time.process_time() - worked))
        wall, processor = min(found)
        print(f"{page:32} {status}  {wall:.3f} s, processor {processor:.3f} s, {len(queries)} queries")


if __name__ == "__main__":
    main()
