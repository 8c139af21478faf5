"""Things of an invented city to do deeds on; each is built when it is first asked for, by the deeds themselves.

Everything hangs at 东溪镇 unless it says otherwise. A work names four units, so that a right asked
at the wrong one shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from tests.site.conftest import AT, DAY, PASSWORD

from heqing.plans import Deed as PlanDeed
from heqing.works import Kind as WorkKind
from heqing.works import Outlook
from heqing_site.cases import actions as cases
from heqing_site.cases.models import Case
from heqing_site.ledger import actions as ledger
from heqing_site.ledger import year_end
from heqing_site.ledger.models import Target, YearEnd
from heqing_site.letters import actions as letters
from heqing_site.letters import signatures
from heqing_site.letters.models import Letter, LetterSeries
from heqing_site.letters.rules import Side
from heqing_site.letters.signatures import Signature
from heqing_site.library.evidence import File
from heqing_site.library.models import Document, Finding
from heqing_site.orgs import actions as orgs
from heqing_site.orgs import groups
from heqing_site.orgs.models import GroupSeat, LeadingGroup, Post, Resolution, RoleGrant, Term, Unit, User
from heqing_site.orgs.rules import Part, Role, UnitKind
from heqing_site.places import actions as places
from heqing_site.places import chiefs
from heqing_site.places.models import Charge, Enterprise, River, Section
from heqing_site.places.rules import BodyType, ControlLevel
from heqing_site.plans import actions as plans
from heqing_site.plans.models import Plan
from heqing_site.publishing import actions as publishing
from heqing_site.publishing.models import Bulletin
from heqing_site.registers import actions as registers
from heqing_site.registers.models import Entry
from heqing_site.reporting import actions as reporting
from heqing_site.reporting.actions import Typed
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.rules import Kind, around
from heqing_site.verdicts.models import TargetVerdict
from heqing_site.works import actions as works
from heqing_site.works import contributions, progress, slips
from heqing_site.works.models import TaskList, Work
from heqing_site.works.progress import Told
from heqing_site.works.records import Contribution, Progress, Slip

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PHOTO = File("现场.png", PNG)
FEBRUARY = around(Kind.MONTH, date(2026, 2, 1))
HERE: dict[str, Any] = {"lon": Decimal("119.512300"), "lat": Decimal("29.843210")}


@dataclass(frozen=True)
class Asked:
    """What a deed is called with, and the unit at which its right is asked."""

    unit: Unit | None
    given: dict[str, Any]
    at: datetime = AT


def asked(unit: Unit | None, /, *, at: datetime = AT, **given: Any) -> Asked:
    """Write it shortly."""
    return Asked(unit, given, at)


@dataclass
class World:
    """A city, a district, its towns and offices, and what stands in them."""

    count: int = 0
    made: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.admin = orgs.found_site(at=AT, username="admin", display_name="王建国", password=PASSWORD)
        self.city = self.unit("清江市", UnitKind.CITY, None)
        self.district = self.unit("清河区", UnitKind.DISTRICT, self.city)
        self.here = self.unit("东溪镇", UnitKind.TOWN, self.district)
        self.beside = self.unit("西塘镇", UnitKind.TOWN, self.district)
        self.village = self.unit("柳湾村", UnitKind.VILLAGE, self.here)
        self.office = self.unit("区督查室", UnitKind.DEPARTMENT, self.district)
        self.tester = self.user("方正", self.office)
        self.writer, self.checker = self.user("周芳", self.here), self.user("何冰", self.office)
        for person in (self.writer, self.checker):
            orgs.grant_role(by=self.admin, at=AT, user=person, role=Role.SITE_ADMIN, unit=None, valid_from=DAY)

    # --- units and people -----------------------------------------------------------------------------------------

    def unit(self, name: str, kind: UnitKind, parent: Unit | None) -> Unit:
        """Set a unit up."""
        self.count += 1
        return orgs.create_unit(
            by=self.admin, at=AT, name=name, code=f"9901{self.count:03d}", kind=kind, parent=parent,
            active_from=date(2020, 1, 1),
        )  # fmt: skip

    def user(self, name: str, unit: Unit) -> User:
        """Open an account without any role."""
        self.count += 1
        return orgs.create_user(
            by=self.admin, at=AT, username=f"ren{self.count}", display_name=name, password=PASSWORD, unit=unit
        )

    @cached_property
    def kept(self) -> User:
        """An account of the town."""
        return self.user("李安", self.here)

    @cached_property
    def grant(self) -> RoleGrant:
        """A role that somebody has at the town."""
        return orgs.grant_role(
            by=self.admin,
            at=AT,
            user=self.user("钱进", self.here),
            role=Role.UNIT_ADMIN,
            unit=self.here,
            valid_from=DAY,
        )

    @cached_property
    def post(self) -> Post:
        """A post of the town."""
        return orgs.create_post(by=self.admin, at=AT, unit=self.here, name="镇长")

    @cached_property
    def term(self) -> Term:
        """Who holds it."""
        return orgs.appoint(by=self.admin, at=AT, post=self.post, holder=self.kept, started_on=date(2025, 1, 1))

    @cached_property
    def group(self) -> LeadingGroup:
        """A leading group of the town."""
        return groups.found_group(
            by=self.admin, at=AT, name="治水领导小组", unit=self.here, office=self.here, founded_on=date(2025, 1, 1),
            because="东政发〔2025〕1 号",
        )  # fmt: skip

    @cached_property
    def seat(self) -> GroupSeat:
        """A seat in it."""
        return groups.seat_post(
            by=self.admin, at=AT, group=self.group, post=self.post, part=Part.HEAD, started_on=date(2025, 1, 1)
        )

    @cached_property
    def resolution(self) -> Resolution:
        """What it resolved."""
        meeting = groups.hold_meeting(
            by=self.admin, at=AT, group=self.group, held_on=DAY, subject="推进会", chair=self.post,
            resolved=[groups.Resolved("清理河道")],
        )  # fmt: skip
        found = meeting.resolutions.first()
        assert found is not None
        return found

    # --- places ---------------------------------------------------------------------------------------------------

    @cached_property
    def river(self) -> River:
        """A river of the town."""
        return places.create_river(by=self.admin, at=AT, name="东溪", code="R1", kind=BodyType.RIVER, unit=self.here)

    @cached_property
    def section(self) -> Section:
        """A section in it."""
        return places.create_section(
            by=self.admin, at=AT, name="东溪桥", code="S1", river=self.river, unit=self.here, **HERE,
            body_type=BodyType.RIVER, control_level=ControlLevel.CITY, target_class=3,
        )  # fmt: skip

    @cached_property
    def enterprise(self) -> Enterprise:
        """An enterprise of the town."""
        return places.create_enterprise(
            by=self.admin, at=AT, name="清河示例印染有限公司", code="E1", unit=self.here, industry="印染",
            is_key_polluter=True, area_mu=None, **HERE,
        )  # fmt: skip

    @property
    def charging(self) -> dict[str, Any]:
        """What puts the head of the town in charge of the river."""
        return {
            "system": "river", "level": "town", "post": self.post, "unit": self.here, "started_on": DAY,
            "because": "按会议纪要", "river": self.river,
        }  # fmt: skip

    @cached_property
    def charge(self) -> Charge:
        """The town's charge of its river."""
        return chiefs.put_in_charge(by=self.admin, at=AT, **self.charging)

    # --- documents and targets ------------------------------------------------------------------------------------

    def finding(self, **facts: Any) -> Finding:
        """A sentence about water in a document of the town."""
        number, text = Document.objects.count(), "新建污水管网24公里"
        document = Document.objects.create(
            title=f"方案{number}", file_name="plan.txt", media_type="text/plain", sha256=f"{number:064d}",
            received="library/00/plan", text=text, date=date(2025, 2, 10), unit=self.here, added_by=self.admin,
            added_at=AT,
        )  # fmt: skip
        made = {
            "kind": "target", "quote": text, "start": 0, "end": len(text), "indicator": f"新建污水管网{number}",
            "comparator": ">=", "value": Decimal(24), "value_text": "24", "unit": "公里", "period": "2026",
            "strength": "plan", "pillar": "water", "confidence": 0.9, "state": "accepted", "decided_by": self.admin,
            "decided_at": AT,
        }  # fmt: skip
        return Finding.objects.create(document=document, number=1, **{**made, **facts})

    def proposed(self) -> Finding:
        """One that nobody looked at yet."""
        return self.finding(state="proposed", decided_by=None, decided_at=None)

    def aim(self, *, lead: Unit | None = None, **facts: Any) -> Target:
        """A target about water, led by the town."""
        return ledger.adopt_finding(by=self.admin, at=AT, finding=self.finding(**facts), lead=lead or self.here)

    @cached_property
    def target(self) -> Target:
        """One of them."""
        return self.aim()

    @cached_property
    def old_target(self) -> Target:
        """One of the year that ended."""
        return self.aim(period="2025")

    @cached_property
    def year(self) -> YearEnd:
        """The town's close of the year that ended."""
        assert self.old_target
        return year_end.close_year(by=self.admin, at=AT, unit=self.here, year=2025, because="年终结账")

    def verdict(self, target: Target) -> TargetVerdict:
        """A red light."""
        return TargetVerdict.objects.create(
            target=target, terms=target.terms.order_by("-pk")[0], day=DAY, number=1, kind="count", light="red",
            scheme="heqing", light_edition="heqing lights 1", note="落后时序", inputs={}, recorded_at=AT,
        )  # fmt: skip

    def entry(self, *, upto: str = "submitted") -> ReportEntry:
        """What the town reported of a target, as far as a state."""
        facts: dict[str, Any] = {"by": self.writer, "at": AT, "target": self.aim(), "period": FEBRUARY}
        if upto == "draft":
            return reporting.save_draft(**facts, typed=self.typed)
        found = reporting.submit(**facts, typed=self.typed)
        if upto == "accepted":
            found = reporting.accept_entry(by=self.checker, at=AT, report=found.report)
        return found

    @property
    def typed(self) -> Typed:
        """A value."""
        return Typed(value=Decimal(3), value_date=FEBRUARY.last)

    # --- cases ----------------------------------------------------------------------------------------------------

    def case(self, *deeds: str) -> Case:
        """A case about water that the town answers for, after some deeds."""
        found = cases.open_case(by=self.checker, at=AT, title="落后", detail="落后于时序", target=self.aim())
        does: dict[str, Callable[[], Case]] = {
            "assign": lambda: cases.assign(by=self.checker, at=AT, case=found),
            "rectify": lambda: cases.submit_rectification(
                by=self.writer, at=AT, case=found, note="已清运", files=[PHOTO]
            ),
            "verify": lambda: cases.verify(by=self.checker, at=AT, case=found, note="现场已清"),
            "close": lambda: cases.close_out(by=self.checker, at=AT, case=found),
        }
        for deed in deeds:
            found = does[deed]()
        return found

    # --- letters --------------------------------------------------------------------------------------------------

    def series(self, topic: str = "") -> LetterSeries:
        """A series from the town to its village."""
        if not self.made.get("promise"):
            self.made["promise"] = self.aim(lead=self.village)
        self.count += 1
        return letters.open_series(
            by=self.writer, at=AT, kind="task_book", topic=topic or f"攻坚战{self.count}", year=2026, issuer=self.here,
            receivers=[self.village],
        )  # fmt: skip

    def letter(self, *deeds: str) -> Letter:
        """A letter of the town after some deeds."""
        found = letters.draft(by=self.writer, at=AT, series=self.series(), receiver=self.village)
        does: dict[str, Callable[[], Letter]] = {
            "submit": lambda: letters.submit(by=self.writer, at=AT, letter=found),
            "review": lambda: letters.review(by=self.checker, at=AT, letter=found),
            "issue": lambda: letters.issue(by=self.checker, at=AT, letter=found),
            "sign": lambda: signatures.enter_scan(
                by=self.checker, at=AT, letter=found, signatures=self.signatures, files=[File("签字.pdf", self.pdf)]
            ),
            "amend": lambda: letters.amend(
                by=self.writer, at=AT, letter=found, reason="superior", because="市里调整", authority="会议纪要"
            ),
        }
        for deed in deeds:
            found = does[deed]()
        return found

    @property
    def pdf(self) -> bytes:
        """A file that looks like a scan."""
        self.count += 1
        return b"%PDF-1.7\n" + str(self.count).encode() * 40

    @property
    def signatures(self) -> list[Signature]:
        """Who signed."""
        return [Signature(Side.ISSUER, "镇长甲", DAY), Signature(Side.RECEIVER, "村长乙", DAY)]

    # --- plans ----------------------------------------------------------------------------------------------------

    def plan(self, state: str = "drafted") -> Plan:
        """A plan of the town for a river of its own, put into a state."""
        self.count += 1
        river = places.create_river(
            by=self.admin, at=AT, name=f"西溪{self.count}", code=f"P{self.count}", kind=BodyType.RIVER, unit=self.here
        )
        found = plans.draft(
            by=self.writer, at=AT, kind="river", title="", unit=self.here, begins_on=date(2026, 1, 1),
            ends_on=date(2027, 12, 31), river=river,
        )  # fmt: skip
        Plan.objects.filter(pk=found.pk).update(state=state)
        return Plan.objects.get(pk=found.pk)

    def plan_deed(self, deed: str, state: str) -> Asked:
        """A deed on a plan."""
        return asked(
            self.here, plan=self.plan(state), deed=PlanDeed(deed), note="理由如下", reference="东政发〔2026〕1 号",
            files=[PHOTO], day=DAY,
        )  # fmt: skip

    # --- bulletins ------------------------------------------------------------------------------------------------

    def bulletin(self, *deeds: str) -> Bulletin:
        """A bulletin of the town after some deeds; each of a month of its own."""
        self.made["months"] = self.made.get("months", 0) + 1
        month = around(Kind.MONTH, date(2025, self.made["months"], 1))
        found = publishing.draft_bulletin(by=self.writer, at=AT, month=month, unit=self.here)
        does: dict[str, Callable[[], Bulletin]] = {
            "submit": lambda: publishing.submit(by=self.writer, at=AT, bulletin=found),
            "approve": lambda: publishing.approve(by=self.checker, at=AT, bulletin=found),
            "issue": lambda: publishing.issue(by=self.writer, at=AT, bulletin=found),
        }
        for deed in deeds:
            found = does[deed]()
        return found

    # --- registers ------------------------------------------------------------------------------------------------

    def entered(self) -> Entry:
        """An entry of the town about waste."""
        self.count += 1
        return registers.enter(
            by=self.writer, at=AT, kind="zero_waste_cells", unit=self.here,
            typed={"name": f"东溪中学{self.count}", "sort": "学校"},
        )  # fmt: skip

    # --- works ----------------------------------------------------------------------------------------------------

    @cached_property
    def leading(self) -> Unit:
        """The bureau that leads a work."""
        return self.unit("区水利局", UnitKind.DEPARTMENT, self.district)

    @cached_property
    def checking(self) -> Unit:
        """The office that checks a work."""
        return self.unit("区考核办", UnitKind.DEPARTMENT, self.district)

    @cached_property
    def issuing(self) -> Unit:
        """The office that issues a list."""
        return self.unit("区治水办", UnitKind.DEPARTMENT, self.district)

    @cached_property
    def task_list(self) -> TaskList:
        """A list."""
        return self.new_list()

    def new_list(self) -> TaskList:
        """A list without lines."""
        self.count += 1
        return works.create_list(
            by=self.admin, at=AT, name=f"治水攻坚清单{self.count}", kind="key", year=2026, issuer=self.issuing
        )

    @property
    def work_facts(self) -> dict[str, Any]:
        """All that a work needs before it is begun."""
        return {
            "title": "东溪镇雨污管网改造", "requirement": "12月底前完成12公里", "pillar": "water",
            "lead_unit": self.leading, "principal": self.post, "leader": self.post, "acting_unit": self.here,
            "checker_unit": self.checking, "planned_start": DAY, "planned_finish": date(2026, 12, 31),
            "place_unit": self.here,
        }  # fmt: skip

    def work(self, *, begin: bool = True, stage: str = "", targets: tuple[Target, ...] = ()) -> Work:
        """A task about water: one unit issues its list, another leads, the town acts, a fourth checks."""
        self.count += 1
        found = works.create_work(
            by=self.admin, at=AT, task_list=self.task_list, item=str(self.count), kind=WorkKind.TASK, pipeline="task",
            facts=self.work_facts, targets=targets,
        )  # fmt: skip
        if begin:
            found = works.activate(by=self.admin, at=AT, work=found)
        if stage:
            Work.objects.filter(pk=found.pk).update(stage=stage)
        return Work.objects.get(pk=found.pk)

    def told(self) -> Progress:
        """The progress of a month."""
        return progress.report_progress(
            by=self.writer, at=AT, work=self.work(), month=date(2026, 3, 1), told=self.telling
        )

    @property
    def telling(self) -> Told:
        """What is told of a month."""
        return Told(Decimal(10), "按计划推进", outlook=Outlook.NORMAL)

    def slip(self, *deeds: str) -> Slip:
        """A slip on a work after some deeds."""
        found = slips.propose_slip(by=self.checker, at=AT, work=self.work(), words="进展滞后")
        does: dict[str, Callable[[], Slip]] = {
            "issue": lambda: slips.issue_slip(by=self.checker, at=AT, slip=found),
            "answer": lambda: slips.answer_slip(by=self.writer, at=AT, slip=found, note="月底前赶上"),
        }
        for deed in deeds:
            found = does[deed]()
        return found

    def contribution(self) -> Contribution:
        """What a work counts for a target."""
        return contributions.count_contribution(**self.counting, by=self.admin, at=AT)

    @property
    def counting(self) -> dict[str, Any]:
        """What is to be counted."""
        aim = self.aim(lead=self.leading)
        self.count += 1
        return {
            "work": self.work(targets=(aim,)), "target": aim, "object_key": f"管网{self.count}", "amount": Decimal(1),
            "words": "验收报告", "stage_required": "",
        }  # fmt: skip


def days(number: int) -> datetime:
    """Give a moment so many days after the world was built."""
    return AT + timedelta(days=number)
