"""Ledger, target page and cockpit with 2,000 targets and 14 months of daily verdicts: seconds until the page is there.

    python benchmarks/cockpit.py [--targets 2000] [--days 425] [--runs 30] [--on sqlite|postgresql] [--folder DIR]

The district is the invented one; its targets are copied with new numbers until there are enough, and every day of every
target gets a row of verdict by plain SQL: what is measured is reading, not judging. Pages are asked for by Django's own
client, logged in as the ecology officer, without a network between. The issue asks for less than 0.3 s.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OFFICER = "shengtai"
LIGHTS = ("green", "green", "green", "yellow", "red", "grey")
BOUND = 0.3  # seconds


def build(folder: Path, targets: int, days: int) -> tuple[date, int]:
    """Fill an installation: the demonstration, copies of its targets, and their verdicts; give last day and rows."""
    from django.db import connection, transaction
    from django.utils import timezone

    from heqing_site.demo.actions import set_up
    from heqing_site.ledger.models import Target, TargetTerms
    from heqing_site.verdicts.models import TargetVerdict

    last = timezone.localdate()
    set_up(at=timezone.now(), through=last - timedelta(days=1), folder=folder, months=1, tell=lambda _line: None)
    models = list(TargetTerms.objects.select_related("target").order_by("target__number", "valid_from"))
    number = max(row.target.number for row in models)
    with transaction.atomic():
        while Target.objects.count() < targets:
            for row in models[: targets - Target.objects.count()]:
                number += 1
                old = row.target_id
                target = Target.objects.get(pk=old)
                target.pk, target.number, target._state.adding = None, number, True
                target.save()
                row.pk, row.target, row._state.adding = None, target, True
                row.save()
                row.target_id = old
    terms = dict(TargetTerms.objects.order_by("valid_from").values_list("target_id", "pk"))
    pattern = TargetVerdict.objects.order_by("-day").first()
    if pattern is None:
        raise SystemExit("The demonstration has no verdict to copy: heqing_site.demo must judge first.")
    table, names = (
        TargetVerdict._meta.db_table,
        [f.column for f in TargetVerdict._meta.concrete_fields if f.column != "id"],
    )
    have = set(TargetVerdict.objects.values_list("target_id", "day"))
    quoted = ", ".join(connection.ops.quote_name(name) for name in names)
    with transaction.atomic(), connection.cursor() as cursor:
        base = {f.column: f.get_db_prep_save(getattr(pattern, f.attname), connection)
                for f in TargetVerdict._meta.concrete_fields if f.column != "id"}  # fmt: skip
        sql = f"INSERT INTO {table} ({quoted}) VALUES ({', '.join(['%s'] * len(names))})"  # noqa: S608
        for back in range(days):
            day = last - timedelta(days=back)
            rows = []
            for target, term in terms.items():
                if (target, day) in have:
                    continue
                light = LIGHTS[(target * 7 + back // 9) % len(LIGHTS)]
                rows.append([
                    {**base, "target_id": target, "terms_id": term, "light": light,
                     "day": connection.ops.adapt_datefield_value(day)}[name]
                    for name in names
                ])  # fmt: skip
            cursor.executemany(sql, rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return last, TargetVerdict.objects.count()


def ask(runs: int) -> list[dict[str, Any]]:
    """Open each page some times and tell how long it took."""
    from django.db import connection, reset_queries
    from django.test import Client
    from django.urls import NoReverseMatch, reverse
    from django.utils import timezone

    from heqing_site.orgs.models import User

    client = Client()
    client.force_login(User.objects.get(username=OFFICER))
    pages = {
        "ledger": ("ledger:ledger", []), "target": ("ledger:target", [1]), "cockpit": ("publishing:cockpit", []),
        "map": ("publishing:map", []),
    }  # fmt: skip
    told = []
    for name, (route, words) in pages.items():
        try:
            address = reverse(route, args=words)
        except NoReverseMatch:
            told.append({"page": name, "skipped": f"there is no page {route} yet"})
            continue
        spent = []
        queries = 0
        for turn in range(runs + 1):
            reset_queries()
            connection.force_debug_cursor = turn == 0
            started = time.perf_counter()
            answer = client.get(address)
            size = len(answer.content)
            if turn:
                spent.append(time.perf_counter() - started)
            else:
                queries = len(connection.queries)
            if answer.status_code != 200:
                raise SystemExit(f"{address} answers {answer.status_code}")
        spent.sort()
        told.append({
            "page": name, "address": address, "p50_s": round(spent[len(spent) // 2], 3),
            "p95_s": round(spent[min(len(spent) - 1, int(len(spent) * 0.95))], 3), "queries": queries,
            "kb": size >> 10, "within": spent[int(len(spent) * 0.95) - 1] < BOUND, "as_of": str(timezone.localdate()),
        })  # fmt: skip
    return told


def work(folder: Path, targets: int, days: int, runs: int) -> None:
    """Build and measure in this process; the environment names folder and database."""
    import django

    sys.path.insert(0, str(ROOT / "src"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "heqing_site.web.settings"
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0, interactive=False)
    started = time.perf_counter()
    last, rows = build(folder, targets, days)
    print(json.dumps({
        "database": connection.vendor, "targets": targets, "verdicts": rows, "last": str(last),
        "built_s": round(time.perf_counter() - started, 1),
    }))  # fmt: skip
    for line in ask(runs):
        print(json.dumps(line))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=2000)
    parser.add_argument("--days", type=int, default=425)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--folder", type=Path, help="where the installation is made; by default a temporary folder")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        work(asked.folder, asked.targets, asked.days, asked.runs)
        return
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heqing-cockpit-")))
        folder.mkdir(parents=True, exist_ok=True)
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("HEQING_", "DJANGO_"))}
        environ |= {"HEQING_DATA_DIR": str(folder.resolve())}
        before = [sys.executable, str(ROOT / "scripts" / "on_postgresql.py")] if asked.on == "postgresql" else []
        sizes = [f"--{name}={getattr(asked, name)}" for name in ("targets", "days", "runs")]
        words = [sys.executable, __file__, "--here", f"--folder={folder.resolve()}", *sizes]
        done = subprocess.run([*before, *words], env=environ, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
