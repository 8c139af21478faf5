"""The invented district comes into being: through the actions of the rooms, so that rights, rules and the record hold.

Each action takes the moment (`at`) and the day through which values are made; nothing here reads the clock. What is
there already is left alone: a second start changes nothing, a later one adds the days between.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing.store import import_frame, open_frame
from heqing_site.audit.actions import record
from heqing_site.audit.rules import INSTALLER
from heqing_site.demo import rules, series
from heqing_site.demo.bulletin import add_bulletins
from heqing_site.demo.cases import add_cases
from heqing_site.demo.chiefs import add_chiefs, add_groups
from heqing_site.demo.letters import add_letters
from heqing_site.demo.models import Demonstration
from heqing_site.demo.monitoring import add_uploads
from heqing_site.demo.plans import add_past_months, add_plans
from heqing_site.demo.queries import demonstration
from heqing_site.demo.registers import add_registers
from heqing_site.demo.rules import Tell
from heqing_site.demo.scorecards import add_scorecards
from heqing_site.demo.split import add_parts
from heqing_site.demo.verdicts import add_verdicts
from heqing_site.demo.works import add_works
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import actions as ledger
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.rules import IndicatorKind
from heqing_site.library import actions as library
from heqing_site.orgs import actions as orgs
from heqing_site.orgs.models import Post, RoleGrant, Unit, User
from heqing_site.orgs.rules import Role, UnitKind
from heqing_site.places import actions as places
from heqing_site.places.models import Enterprise, River
from heqing_site.places.rules import BodyType, ControlLevel
from heqing_site.reporting import actions as reporting
from heqing_site.reporting.actions import Typed
from heqing_site.reporting.models import Report
from heqing_site.reporting.queries import due_of, is_deed, month_to_report, owing_terms, periods_of
from heqing_site.reporting.rules import Period

SINCE = date(2015, 1, 1)  # the day from which the invented units stand
MORNING = time(9, 30)
COUNTED = frozenset("家个条台座辆项户人件天")  # units of which there are no halves


def set_up(
    *, at: datetime, through: date, folder: Path, months: int = rules.MONTHS, tell: Tell = print
) -> Demonstration:
    """Bring the demonstration up to a day (建立演示区): district, values, documents; each step only where it lacks.

    Parameters
    ----------
    at : datetime.datetime
        The moment, for the record.
    through : datetime.date
        The last day for which values are made.
    folder : Path
        The data folder: values go to ``store``, the files they come from to ``demo``.
    months : int
        How many months of values a new demonstration gets.
    tell : callable
        Told each step in a sentence.

    Raises
    ------
    RuleBrokenError
        ``demo.not_empty`` where the installation holds accounts that are not invented.
    """
    found = demonstration()
    if found is None:
        if User.objects.exists():
            raise RuleBrokenError("demo.not_empty")
        tell(f"建立演示区“{rules.DISTRICT_NAME}”：单位、职务、人员、点位 …")
        found = found_district(at=at, year=through.year, first_day=rules.first_day(through, months))
    if found.through is None or found.through < through:
        begin = found.first_day if found.through is None else found.through + timedelta(days=1)
        tell(f"生成 {begin} 至 {through} 的空气小时值和水质四小时值 …")
        found = extend_series(at=at, through=through, folder=folder)
    add_chiefs(at=at, tell=tell)
    add_groups(at=at, tell=tell)
    add_past_months(at=at, folder=folder, tell=tell)
    add_documents(at=at, tell=tell)
    add_works(at=at, tell=tell)
    add_registers(at=at, tell=tell)
    add_reports(at=at, tell=tell)
    add_parts(at=at, tell=tell)
    add_uploads(at=at, tell=tell)
    add_verdicts(at=at, tell=tell)
    add_letters(at=at, tell=tell)
    add_cases(at=at, tell=tell)
    add_plans(at=at, tell=tell)
    add_scorecards(at=at, tell=tell)
    add_bulletins(at=at, tell=tell)
    return found


@transaction.atomic
def found_district(*, at: datetime, year: int, first_day: date) -> Demonstration:
    """Enter the invented district (登记演示区): units, posts, people, accounts, rights, rivers and places."""
    people = {row["username"]: row for row in rules.rows("people")}
    by = orgs.found_site(at=at, username="admin", display_name=people.pop("admin")["name"], password=rules.PASSWORD)
    units = _enter_units(by, at)
    users = {"admin": by} | {name: _enter_person(by, at, row, units) for name, row in people.items()}
    posts = _enter_posts(by, at, units, users)
    _enter_places(by, at, units, posts)
    _enter_duties(users[rules.OFFICER], at, units)
    found = Demonstration.objects.create(
        district=units[rules.DISTRICT_CODE], founded_at=at, year=year, first_day=first_day, through=None
    )
    record(by=INSTALLER, at=at, action="demo.found_district", subject=found, after={"first_day": first_day})
    return found


def extend_series(*, at: datetime, through: date, folder: Path) -> Demonstration:
    """Make the values of the days that lack (生成演示数据) up to a day, and import them as files, as an office would.

    The files stay in the data folder, so that each value can be followed to its row. When it is broken off, the next
    call goes on where the store stands: the same file twice changes nothing.
    """
    found = Demonstration.objects.get()
    begin = found.first_day if found.through is None else found.through + timedelta(days=1)
    span: dict[str, Any] = {"first": begin, "last": through, "seed": rules.SEED}
    files = folder / "demo"
    files.mkdir(parents=True, exist_ok=True)
    for domain, frame in (
        ("air", series.air_hours(rules.rows("stations"), **span)),
        ("water", series.water_samples(rules.rows("sections"), **span)),
    ):
        file = files / f"演示数据_{domain}_{begin}_{through}.csv"
        frame.write_csv(file)
        with open_frame(file, domain="air" if domain == "air" else "water") as intake:
            import_frame(folder / "store", intake, recorded_at=at)
    return _record_series(at, through)


def add_documents(*, at: datetime, tell: Tell) -> None:
    """Hand in the invented documents (收存演示文件) of its year, each on its day, and adopt their targets."""
    found = Demonstration.objects.select_related("district").get()
    officer = User.objects.get(username=rules.OFFICER)
    for name, content in rules.documents(found.year):
        moment = min(datetime.combine(rules.document_day(content), MORNING, tzinfo=at.tzinfo), at)
        with transaction.atomic():
            done = library.add_document(
                by=officer, at=moment, file_name=name, content=content, unit=found.district, is_invented=True
            )
            if done.is_new:
                tell(f"收存演示文件“{done.document.title}”，其目标列入台账 …")
                ledger.adopt_all(by=officer, at=moment, document=done.document, accept=True)


@transaction.atomic
def add_reports(*, at: datetime, tell: Tell) -> None:
    """Report invented values (生成演示填报) for the months that ended: most accepted, one returned, one late.

    One is lacking of the month to report now, and a unit without an officer lacks all. It is done once; later months
    are left to whoever tries the demonstration.
    """
    if Report.objects.exists():
        return
    on = timezone.localdate(at)
    reporters = _reporters()
    checker, second = (User.objects.get(username=name) for name in (rules.CHECKER, rules.OFFICER))
    # Of the month to report now the values wait for the checker, but one returned and one lacking; older ones stand.
    last = month_to_report(on)
    lacking = returned = late = False
    entered = 0
    for terms in owing_terms(as_of=on, units=reporters):
        by = reporters[terms.lead_unit_id]
        periods = [period for period in periods_of(terms, through=on) if period.last < on]
        for number, period in enumerate(periods, start=1):
            is_last = period.last == last.last
            if is_last and not lacking and by.username != rules.OFFICER:
                lacking = True
                continue
            due = due_of(terms, period)
            day = min(due - timedelta(days=2), on)
            if not is_last and not late and due + timedelta(days=3) <= on:
                day, late = due + timedelta(days=3), True
            moment = min(datetime.combine(day, MORNING, tzinfo=at.tzinfo), at)
            if timezone.localdate(moment) <= period.last:
                moment = at
            typed = _invented(terms, period, number, len(periods))
            who: dict[str, Any] = {"by": by, "at": moment, "target": terms.target, "period": period}
            entry = reporting.submit(**who, typed=typed)
            entered += 1
            if is_last and not returned:
                reporting.return_entry(
                    by=second if by == checker else checker,
                    at=at,
                    report=entry.report,
                    because="演示：与上月口径不一致，请核对后重报",
                )
                returned = True
            elif not is_last or entered % 2:
                checked = min(moment + timedelta(hours=5), at)
                reporting.accept_entry(by=second if by == checker else checker, at=checked, report=entry.report)
    tell(f"生成演示填报 {entered} 项 …")


# --- what the actions have in common ------------------------------------------------------------------------------


def _reporters() -> dict[int, User]:
    """Give for each unit the officer who reports for it."""
    grants = RoleGrant.objects.filter(role__in=[Role.OFFICER, Role.SUPERVISOR]).select_related("user").order_by("pk")
    return {grant.user.unit_id: grant.user for grant in grants if grant.user.unit_id is not None}


def _invented(terms: TargetTerms, period: Period, number: int, count: int) -> Typed:
    """Make up a value: what is added up grows towards its bound, a share or level lies near it."""
    if is_deed(terms):
        return Typed(done=False, value_date=period.last, note="演示：正在推进")
    bound = terms.bound if terms.bound is not None else Decimal(10)
    adds_up = terms.target.indicator.kind in (IndicatorKind.ADDITIVE, IndicatorKind.COUNT)
    part = Decimal(period.last.month) / 12
    if adds_up:  # each target keeps its own pace, so that what was done never becomes less
        pace = 1 + Decimal(terms.target.number * 7 % 11 - 5) / 50
        share = part * (pace - rules.LAG if terms.target.number % rules.LAGGING == 0 else pace)
    else:
        share = 1 + Decimal((terms.target.number * 7 + number * 3) % 11 - 5) / 200
    is_counted = terms.target.indicator.kind == IndicatorKind.COUNT or terms.unit in COUNTED
    places = Decimal(1) if is_counted or (adds_up and bound > 20) else Decimal("0.1")
    value = max(bound * share, Decimal(0)).quantize(places)
    if terms.unit == "%":
        value = min(value, Decimal(100))
    return Typed(value=value, value_date=period.last, note="演示数值")


@transaction.atomic
def _record_series(at: datetime, through: date) -> Demonstration:
    found = Demonstration.objects.select_for_update().get()
    before = {"through": found.through}
    found.through = through
    found.save(update_fields=["through"])
    record(
        by=INSTALLER,
        at=at,
        action="demo.extend_series",
        subject=found,
        before=before,
        after={"through": through},
    )
    return found


def _enter_units(by: User, at: datetime) -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for row in rules.rows("units"):
        found[row["code"]] = orgs.create_unit(
            by=by,
            at=at,
            name=row["name"],
            code=row["code"],
            kind=UnitKind(row["kind"]),
            parent=found[row["parent"]] if row["parent"] else None,
            active_from=SINCE,
        )
    return found


def _enter_person(by: User, at: datetime, row: dict[str, str], units: dict[str, Unit]) -> User:
    user = orgs.create_user(
        by=by,
        at=at,
        username=row["username"],
        display_name=row["name"],
        password=rules.PASSWORD,
        unit=units[row["unit"]],
    )
    if row["role"]:
        orgs.grant_role(
            by=by,
            at=at,
            user=user,
            role=Role(row["role"]),
            unit=units[row["role_unit"]] if row["role_unit"] else None,
            valid_from=SINCE,
        )
    return user


def _enter_posts(by: User, at: datetime, units: dict[str, Unit], users: dict[str, User]) -> dict[tuple[str, str], Post]:
    found: dict[tuple[str, str], Post] = {}
    for row in [*rules.rows("terms"), *rules.rows("vacant_posts")]:
        key = (row["unit"], row["post"])
        if key not in found:
            found[key] = orgs.create_post(by=by, at=at, unit=units[row["unit"]], name=row["post"])
    for row in rules.rows("terms"):
        orgs.appoint(
            by=by,
            at=at,
            post=found[row["unit"], row["post"]],
            holder=users[row["username"]],
            started_on=date.fromisoformat(row["started_on"]),
            ended_on=date.fromisoformat(row["ended_on"]) if row["ended_on"] else None,
            ended_because=row["because"],
        )
    return found


def _enter_places(by: User, at: datetime, units: dict[str, Unit], posts: dict[tuple[str, str], Post]) -> None:
    who: dict[str, Any] = {"by": by, "at": at, "is_invented": True}
    rivers: dict[str, River] = {}
    enterprises: dict[str, Enterprise] = {}
    for row in rules.rows("rivers"):
        rivers[row["code"]] = places.create_river(
            **who,
            name=row["name"],
            code=row["code"],
            kind=BodyType(row["kind"]),
            unit=units[row["unit"]],
            chief=posts[row["chief_unit"], row["chief_post"]],
        )
    for row in rules.rows("stations"):
        places.create_station(
            **who,
            **_named(row),
            unit=units[row["unit"]],
            city=row["city"],
            control_level=ControlLevel(row["control_level"]),
            is_evaluated=row["is_evaluated"] == "1",
        )
    for row in rules.rows("sections"):
        places.create_section(
            **who,
            **_named(row),
            unit=units[row["unit"]],
            river=rivers[row["river"]],
            body_type=BodyType(row["body_type"]),
            control_level=ControlLevel(row["control_level"]),
            target_class=int(row["target_class"]),
            is_handover=row["is_handover"] == "1",
        )
    for row in rules.rows("enterprises"):
        enterprises[row["code"]] = places.create_enterprise(
            **who,
            **_named(row),
            unit=units[row["unit"]],
            industry=row["industry"],
            is_key_polluter=row["is_key_polluter"] == "1",
            area_mu=Decimal(row["area_mu"]) if row["area_mu"] else None,
        )
    for row in rules.rows("outlets"):
        places.create_outlet(
            **who,
            **_named(row),
            enterprise=enterprises[row["enterprise"]],
            river=rivers[row["river"]] if row["river"] else None,
        )


def _enter_duties(by: User, at: datetime, units: dict[str, Unit]) -> None:
    for row in rules.rows("duties"):
        ledger.set_duty(
            by=by, at=at, unit=units[row["unit"]], pillar=row["pillar"], valid_from=SINCE, because="演示：三定职责"
        )


def _named(row: dict[str, str]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "code": row["code"],
        "lon": Decimal(row["lon"]),
        "lat": Decimal(row["lat"]),
    }
