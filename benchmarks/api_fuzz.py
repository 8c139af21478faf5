"""Call every route of the API with many made-up requests, in process, on an installation made for it.

    python benchmarks/api_fuzz.py [--examples 200] [--months 2]

It makes the invented district in a folder of its own, takes a token of its administrator, and calls each route with
what its schema allows and what it forbids; half of the calls name things that are there. It ends with 1 when a route
fails or answers what it does not declare.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--examples", type=int, default=200)
    asked.add_argument("--months", type=int, default=2)
    said = asked.parse_args()
    folder = tempfile.mkdtemp(prefix="heqing-api-")
    heqing = str(Path(sys.executable).with_name("heqing"))
    subprocess.run([heqing, "demo", "--no-serve", "--months", str(said.months), "--data-dir", folder], check=True)
    os.environ |= {"DJANGO_SETTINGS_MODULE": "heqing_site.web.settings", "HEQING_DATA_DIR": folder}
    from heqing_site.web.wsgi import application  # starts the site

    sys.exit(1 if run(application, said.examples) else 0)


def run(application: object, examples: int) -> int:
    """Call every route; give how many failed."""
    from django.utils import timezone
    from tests.site.api.made_up import call, routes

    from heqing_site.ledger.models import Target
    from heqing_site.orgs.actions import create_token
    from heqing_site.orgs.models import Unit, User

    now = timezone.now()
    admin = User.objects.get(username="admin")
    until = timezone.localdate(now) + timedelta(days=1)
    secret = create_token(by=admin, at=now, user=admin, name="fuzz", expires_on=until).secret
    target = Target.objects.exclude(document=None)[0]
    month = (now.date().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    known = {
        "number": target.number, "key": target.document_id, "period": month, "month": month, "name": "section",
        "code": Unit.objects.all()[0].code,
    }  # fmt: skip
    failed = calls = 0
    started = time.monotonic()
    for operation in routes(application):
        try:
            seen = call(operation, secret, known, examples)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001  at the top of the process: told, and on to the next
            failed += 1
            print(f"FAILED {operation.label}\n{error}\n")
        else:
            calls += sum(seen.values())
            print(f"{operation.label:62} {dict(sorted(seen.items()))}", flush=True)
    print(f"{calls} calls in {time.monotonic() - started:.0f} s; {failed} routes failed")
    return failed


if __name__ == "__main__":
    main()
