"""Lists and desks of 5,000 targets, 20,000 tasks, 300 units, 300 users on PostgreSQL, at the 95th percentile.

    python scripts/on_postgresql.py python benchmarks/responsibility.py [--rounds 40] [--targets 5000] [--works 20000]

It sets the invented district up in the database that ``HEQING_DATABASE_URL`` names (the first script starts one that
goes when it ends), multiplies its units, people, targets, verdicts, tasks and register entries, and opens each page as
many times as asked, each time as another person and with another filter, by Django's own client, without a network
between. Pages were opened twice before, so that caches of the process are warm. Told are the median, the 95th
percentile and the number of queries; it ends with 1 when the 95th percentile of a page is not under 0.2 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

BOUND = 0.2  # seconds, at the 95th percentile
TOWN, DEPARTMENT, VILLAGE = "town", "department", "village"


def copied(row, **changes):
    """Give an unsaved copy of a row."""
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "id"}
    return type(row)(**{**columns, **changes})


def fill_people(units: int, users: int) -> tuple[list, list]:
    """Add towns, departments and villages under the district, and accounts with a role at each; give the new ones."""
    from heqing_site.demo.models import Demonstration
    from heqing_site.orgs.models import RoleGrant, Unit, User
    from heqing_site.orgs.rules import Role

    district = Demonstration.objects.get().district
    model = Unit.objects.filter(kind=TOWN).first()
    kinds = (TOWN, DEPARTMENT, VILLAGE)
    made: list = []
    for number in range(max(0, units - Unit.objects.count())):
        kind = kinds[number % 3]
        parent = made[-2] if kind == VILLAGE else district  # the town made two before
        unit = copied(model, name=f"测算{number}", code=f"T{number:05d}", kind=kind, parent_id=parent.pk)
        unit.save()
        made.append(unit)
    someone = User.objects.get(username="yunlan")
    people = [
        copied(someone, username=f"cesuan{number}", display_name=f"测算{number}", unit_id=made[number % len(made)].pk)
        for number in range(max(0, users - User.objects.count()))
    ]
    people = User.objects.bulk_create(people)
    roles = (Role.OFFICER, Role.CLERK, Role.SUPERVISOR, Role.LEADER)
    start = district.active_from
    RoleGrant.objects.bulk_create(
        RoleGrant(
            user=person,
            role=roles[place % 4],
            unit_id=district.pk if place % 4 > 1 else person.unit_id,
            valid_from=start,
        )
        for place, person in enumerate(people)
    )
    return made, people


def fill_targets(wanted: int, days: int, units: list) -> None:
    """Copy targets over the units until there are enough, each with the verdicts of some days."""
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
    targets = Target.objects.bulk_create(
        copied(terms.target, number=first + place, finding_id=None) for place, terms in enumerate(models)
    )
    pairs = list(zip(models, targets, strict=True))
    made = TargetTerms.objects.bulk_create(
        copied(terms, target_id=target.pk, lead_unit_id=units[target.number % len(units)].pk) for terms, target in pairs
    )
    TargetVerdict.objects.bulk_create(
        (
            copied(
                judged[terms.target_id],
                target_id=target.pk,
                terms_id=own.pk,
                number=1,
                day=today - timedelta(days=ago),
            )
            for (terms, target), own in zip(pairs, made, strict=True)
            if terms.target_id in judged
            for ago in range(days)
        ),
        batch_size=2000,
    )


def fill_works(wanted: int, units: list) -> None:
    """Copy tasks and projects over the units, in lists of two hundred, until there are enough."""
    from heqing_site.works.models import TaskList, Work

    models = list(Work.objects.order_by("number"))
    first = Work.next_number()
    list_number = TaskList.objects.order_by("-number")[0].number
    rows = []
    task_list = None
    for place in range(max(0, wanted - len(models))):
        if place % 200 == 0:
            list_number += 1
            task_list = copied(models[0].task_list, number=list_number, name=f"测算清单{list_number}")
            task_list.save()
        model, lead = models[place % len(models)], units[place % len(units)]
        facts = {"lead_unit_id": lead.pk, "place_unit_id": lead.pk}
        if model.acting_unit_id is not None:
            facts["acting_unit_id"] = lead.pk
        rows.append(copied(model, number=first + place, task_list_id=task_list.pk, item=str(place % 200 + 1), **facts))
    Work.objects.bulk_create(rows, batch_size=2000)


def fill_entries(wanted: int, units: list) -> None:
    """Copy the entries of one register over the units until it holds enough."""
    from heqing_site.registers.models import Entry

    models = list(Entry.objects.filter(kind="certified"))
    first = max(entry.number for entry in models) + 1
    Entry.objects.bulk_create(
        (
            copied(
                models[place % len(models)], number=first + place, object_key="", unit_id=units[place % len(units)].pk
            )
            for place in range(max(0, wanted - len(models)))
        ),
        batch_size=2000,
    )


def pages() -> list[tuple[str, list[str]]]:
    """Name each page with the addresses that are opened in turn."""
    from heqing_site.ledger.models import Target
    from heqing_site.orgs.models import Unit

    units = list(Unit.objects.filter(code__startswith="T").values_list("pk", flat=True))[:60]
    numbers = list(Target.objects.order_by("-number").values_list("number", flat=True))[:60]
    return [
        ("今日要办", ["/"]),
        ("目标台账", ["/ledger/", "/ledger/?page=9", "/ledger/?pillar=water", "/ledger/?by=unit"]),
        ("目标台账：一个单位", [f"/ledger/?unit={key}" for key in units]),
        ("一个目标", [f"/ledger/targets/{number}/" for number in numbers]),
        ("本单位填报", ["/reporting/"]),
        ("审核", ["/reporting/check/"]),
        ("报送情况", ["/reporting/late/"]),
        ("问题", ["/cases/"]),
        ("单位与职务", ["/orgs/units/"]),
        ("任务与项目", ["/works/", "/works/?page=40", "/works/?pillar=water", "/works/?light=red"]),
        ("任务与项目：一个单位", [f"/works/?unit={key}" for key in units]),
        ("我的任务", ["/works/desk/"]),
        ("挂图作战", ["/works/board/"]),
        ("时间表", ["/works/timetable/"]),
        ("清单", ["/works/lists/", "/works/lists/9/"]),
        ("督办单", ["/works/slips/"]),
        ("台账", ["/registers/"]),
        ("一本台账", ["/registers/of/certified/", "/registers/of/certified/?page=40"]),
        ("责任书", ["/letters/", "/letters/mine/"]),
        ("方案", ["/plans/"]),
        ("驾驶舱", ["/publishing/cockpit/"]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=5000)
    parser.add_argument("--works", type=int, default=20_000)
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--units", type=int, default=300)
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--only", default="", help="words in the name of the pages to open")
    asked = parser.parse_args()
    folder = Path(os.environ.get("HEQING_DATA_DIR") or tempfile.mkdtemp(prefix="heqing-size-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "heqing_site.web.settings"
    os.environ["HEQING_DATA_DIR"] = str(folder)
    os.environ["HEQING_ALLOWED_HOSTS"] = "testserver"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from heqing_site.demo.actions import set_up
    from heqing_site.ledger.models import Target
    from heqing_site.orgs.models import Unit, User
    from heqing_site.registers.models import Entry
    from heqing_site.works.models import Work

    started = time.perf_counter()
    call_command("migrate", verbosity=0)
    set_up(
        at=timezone.now(),
        through=timezone.localdate() - timedelta(days=1),
        folder=folder,
        months=3,
        tell=lambda _: None,
    )
    with transaction.atomic():
        units, people = fill_people(asked.units, asked.users)
        if units:
            fill_targets(asked.targets, asked.days, units)
            fill_works(asked.works, units)
            fill_entries(asked.entries, units)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(
        f"{connection.vendor}: {Target.objects.count()} targets, {Work.objects.count()} tasks and projects,"
        f" {Entry.objects.count()} register entries, {Unit.objects.count()} units,"
        f" {User.objects.count()} users; filled in {time.perf_counter() - started:.0f} s",
        flush=True,
    )
    people = people or list(User.objects.filter(username__startswith="cesuan"))
    readers = [*User.objects.filter(username__in=("shengtai", "ducha", "quzhang", "yunlan")), *people[:8]]
    browsers = []
    for reader in readers:
        browser = Client()
        browser.force_login(reader)
        browsers.append(browser)
    is_slow = False
    for name, addresses in pages():
        if asked.only not in name:
            continue
        for browser in browsers[:2]:
            browser.get(addresses[0])
        walls, works, counts = [], [], []
        statuses = set()
        for place in range(asked.rounds):
            with CaptureQueriesContext(connection) as queries:
                began, worked = time.perf_counter(), time.process_time()
                answer = browsers[place % len(browsers)].get(addresses[place % len(addresses)])
                walls.append(time.perf_counter() - began)
                works.append(time.process_time() - worked)
            counts.append(len(queries))
            statuses.add(answer.status_code)
        walls.sort()
        late = walls[min(len(walls) - 1, int(len(walls) * 0.95))]
        within = statuses == {200} and late < BOUND
        is_slow |= not within
        print(
            f"{name}\t{sorted(statuses)}\tmedian {statistics.median(walls):.3f} s"
            f" (processor {statistics.median(works):.3f})\t95 % {late:.3f} s\t{max(counts)} queries"
            f"{'' if within else '  NOT WITHIN THE BOUND'}",
            flush=True,
        )
    sys.exit(is_slow)


if __name__ == "__main__":
    main()
