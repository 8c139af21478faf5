"""How each deed is called in the world, and at which unit its right is asked; the keys are those of the table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from tests.site.conftest import AT, DAY, PASSWORD
from tests.site.rights.world import FEBRUARY, HERE, PHOTO, PNG, Asked, World, asked, days

from heqing.works import Kind as WorkKind
from heqing_site.ledger.entering import Typed
from heqing_site.ledger.models import Target
from heqing_site.ledger.rules import PlanBasis, Rhythm, SourceKind
from heqing_site.ledger.splitting import Part as Share
from heqing_site.ledger.year_end import Carry
from heqing_site.letters import runs, wordings
from heqing_site.letters.actions import Edit
from heqing_site.letters.rules import Deed as LetterDeed
from heqing_site.letters.rules import Side
from heqing_site.library import words
from heqing_site.library.evidence import File
from heqing_site.library.models import ProposedWord
from heqing_site.library.rules import WordTable
from heqing_site.monitoring.rules import DomainName
from heqing_site.orgs.actions import create_token
from heqing_site.orgs.groups import Resolved
from heqing_site.orgs.rules import Part, Role, UnitKind
from heqing_site.places.rules import BodyType, ControlLevel
from heqing_site.reporting import actions as reporting
from heqing_site.scorecards import actions as scorecards
from heqing_site.scorecards.rules import EventKind

Recipe = Callable[[World], Asked]

WHY = "按会议纪要办理"
OTHER_PASSWORD = "lüshui-qingshan-27"
ABOUT_WATER = Typed(title="新建泵站", comparator=">=", bound="3", unit="座", period="2026", pillar="water")
PLACE = {"name": "新点", "code": "N1", **HERE}

ORGS: dict[str, Recipe] = {
    "orgs.actions.create_unit": lambda w: asked(
        w.here, name="新村", code="990199", kind=UnitKind.VILLAGE, parent=w.here, active_from=DAY
    ),
    "orgs.actions.rename_unit": lambda w: asked(w.here, unit=w.here, name="东溪新镇", because=WHY),
    "orgs.actions.move_unit": lambda w: asked(w.here, unit=w.village, parent=w.here, because=WHY),
    "orgs.actions.deactivate_unit": lambda w: asked(w.here, unit=w.village, last_day=DAY, because=WHY),
    "orgs.actions.create_post": lambda w: asked(w.here, unit=w.here, name="副镇长"),
    "orgs.actions.appoint": lambda w: asked(w.here, post=w.post, holder=w.kept, started_on=DAY),
    "orgs.actions.end_term": lambda w: asked(w.here, term=w.term, last_day=DAY, because=WHY),
    "orgs.actions.create_user": lambda w: asked(
        w.here, username="xinren", display_name="新人", password=PASSWORD, unit=w.here
    ),
    "orgs.actions.set_password": lambda w: asked(w.here, user=w.kept, password=OTHER_PASSWORD),
    "orgs.actions.set_password:own": lambda w: asked(None, user=w.tester, password=OTHER_PASSWORD),
    "orgs.actions.amend_user": lambda w: asked(
        w.here, user=w.kept, display_name="李安安", phone="", unit=w.here, because=WHY
    ),
    "orgs.actions.deactivate_user": lambda w: asked(w.here, user=w.kept, because=WHY),
    "orgs.actions.grant_role": lambda w: asked(w.here, user=w.kept, role=Role.UNIT_ADMIN, unit=w.here, valid_from=DAY),
    "orgs.actions.revoke_grant": lambda w: asked(w.here, grant=w.grant, because=WHY),
    "orgs.actions.create_token": lambda w: asked(w.here, user=w.kept, name="接口", expires_on=date(2026, 12, 31)),
    "orgs.actions.create_token:own": lambda w: asked(None, user=w.tester, name="接口", expires_on=date(2026, 12, 31)),
    "orgs.actions.revoke_token": lambda w: asked(
        w.here,
        token=create_token(by=w.admin, at=days(0), user=w.kept, name="接口", expires_on=date(2026, 12, 31)).token,
        because=WHY,
    ),
    "orgs.actions.revoke_token:own": lambda w: asked(
        None,
        token=create_token(by=w.tester, at=days(0), user=w.tester, name="接口", expires_on=date(2026, 12, 31)).token,
        because=WHY,
    ),
    "orgs.groups.found_group": lambda w: asked(
        w.here, name="治气领导小组", unit=w.here, office=w.here, founded_on=DAY, because=WHY
    ),
    "orgs.groups.dissolve_group": lambda w: asked(w.here, group=w.group, last_day=DAY, because=WHY),
    "orgs.groups.move_office": lambda w: asked(w.here, group=w.group, office=w.village, because=WHY),
    "orgs.groups.seat_post": lambda w: asked(w.here, group=w.group, post=w.post, part=Part.MEMBER, started_on=DAY),
    "orgs.groups.unseat_post": lambda w: asked(w.here, seat=w.seat, last_day=DAY, because=WHY),
    "orgs.groups.hold_meeting": lambda w: asked(
        w.here, group=w.group, held_on=DAY, subject="例会", chair=w.post, resolved=[Resolved("清淤")]
    ),
    "orgs.groups.amend_resolution": lambda w: asked(
        w.here, resolution=w.resolution, resolved=Resolved("清淤三公里"), because=WHY
    ),
    "orgs.succession.merge_unit": lambda w: asked(
        w.here, unit=w.unit("北村", UnitKind.VILLAGE, w.here), into=w.village, last_day=DAY, because=WHY
    ),
    "orgs.succession.succeed": lambda w: asked(
        w.here, post=w.term.post, holder=w.user("王新", w.here), started_on=DAY, because=WHY
    ),
}

PLACES: dict[str, Recipe] = {
    "places.actions.create_river": lambda w: asked(w.here, name="新河", code="N1", kind=BodyType.RIVER, unit=w.here),
    "places.actions.create_station": lambda w: asked(
        w.here, **PLACE, unit=w.here, city="清江市", control_level=ControlLevel.CITY, is_evaluated=True
    ),
    "places.actions.create_section": lambda w: asked(
        w.here, **PLACE, river=w.river, unit=w.here, body_type=BodyType.RIVER, control_level=ControlLevel.CITY,
        target_class=3,
    ),
    "places.actions.create_enterprise": lambda w: asked(
        w.here, **PLACE, unit=w.here, industry="印染", is_key_polluter=False, area_mu=None
    ),
    "places.actions.create_outlet": lambda w: asked(w.here, **PLACE, enterprise=w.enterprise, river=w.river),
    "places.actions.change_place": lambda w: asked(w.here, place=w.section, because=WHY, target_class=2),
    "places.actions.retire_place": lambda w: asked(w.here, place=w.section, last_day=DAY, because=WHY),
    "places.chiefs.put_in_charge": lambda w: asked(w.here, **w.charging),
    "places.chiefs.keep_board": lambda w: asked(
        w.here, charge=w.charge, extent="3 公里", goal="Ⅲ类", phone="", because=WHY
    ),
    "places.chiefs.end_charge": lambda w: asked(w.here, charge=w.charge, last_day=DAY, because=WHY),
}  # fmt: skip

LIBRARY: dict[str, Recipe] = {
    "library.actions.add_document": lambda w: asked(
        w.here, file_name="讲话.txt", content="确保优良率达到85%以上。".encode(), unit=w.here
    ),
    "library.actions.accept_finding": lambda w: asked(w.here, finding=w.proposed()),
    "library.actions.correct_finding": lambda w: asked(
        w.here, finding=w.proposed(), changes={"value": Decimal(25)}, because=WHY
    ),
    "library.actions.reject_finding": lambda w: asked(w.here, finding=w.proposed(), because=WHY),
    "library.actions.reopen_finding": lambda w: asked(w.here, finding=w.finding(), because=WHY),
    "library.actions.add_finding_by_hand": lambda w: asked(
        w.here,
        document=w.finding().document,
        start=0,
        end=4,
        kind="target",
        comparator=">=",
        pillar="water",
        indicator="新建污水管网",
    ),
    "library.actions.accept_findings": lambda w: asked(
        w.here, document=(one := w.proposed()).document, asked={one.number: one.version}
    ),
    "library.actions.undo_decisions": lambda w: asked(w.here, findings=[w.finding()]),
    "library.words.exclude_expression": lambda w: asked(w.here, finding=(one := w.proposed()), words=one.quote),
    "library.words.mark_line": lambda w: asked(w.here, document=w.finding().document, place=0, is_noise=True),
    "library.words.accept_word": lambda w: asked(None, word=_word(w)),
    "library.words.refuse_word": lambda w: asked(None, word=_word(w)),
    "library.words.withdraw_word": lambda w: asked(
        None, word=words.accept_word(by=w.admin, at=AT, word=_word(w)), because=WHY
    ),
}


def _word(w: World) -> ProposedWord:
    """Give an own word that a correction proposed, another one each time."""
    written = f"优良率之{ProposedWord.objects.count()}"
    return words.note(w.admin, AT, table=WordTable.SYNONYMS, written=written, meaning="空气质量优良天数比例")


MONITORING: dict[str, Recipe] = {
    "monitoring.actions.import_file": lambda w: asked(
        w.here, unit=w.here, domain=DomainName.AIR, file_name="值.csv", content=[b"what\n"]
    ),
    "monitoring.actions.record_import": lambda w: asked(
        w.here, unit=w.here, domain=DomainName.AIR, batch="none", path=None
    ),
}


def _duty(world: World) -> Asked:
    from heqing_site.ledger.actions import set_duty

    duty = set_duty(
        by=world.admin, at=days(0), unit=world.village, pillar="water", valid_from=date(2026, 1, 1), because=WHY
    )
    return asked(world.here, duty=duty, last_day=DAY, because=WHY)


def _part(world: World) -> Target:
    """A part of a target of the town that another town leads; the town still changes it."""
    from heqing_site.ledger.splitting import split_target

    whole = world.aim()
    done = split_target(by=world.admin, at=days(0), target=whole, parts=[Share(world.beside, Decimal(24))], because=WHY)
    return done.entered[0]


LEDGER: dict[str, Recipe] = {
    "ledger.actions.adopt_finding": lambda w: asked(w.here, finding=w.finding(), lead=w.here),
    "ledger.actions.adopt_all": lambda w: asked(w.here, document=w.finding().document, lead=w.here),
    "ledger.actions.amend_target": lambda w: asked(
        w.here, target=w.target, changes={"bound": Decimal(30)}, because=WHY
    ),
    "ledger.actions.set_lead": lambda w: asked(w.here, target=w.target, unit=w.village, because=WHY),
    "ledger.actions.set_source": lambda w: asked(
        w.here, target=_part(w), source_kind=SourceKind.REPORTED, rhythm=Rhythm.QUARTER, because=WHY
    ),
    "ledger.actions.withdraw_target": lambda w: asked(w.here, target=_part(w), because=WHY),
    "ledger.actions.set_duty": lambda w: asked(w.here, unit=w.village, pillar="water", valid_from=DAY, because=WHY),
    "ledger.actions.end_duty": _duty,
    "ledger.entering.enter_target": lambda w: asked(w.here, typed=ABOUT_WATER, lead=w.here, because=WHY),
    "ledger.entering.enter_target:part": lambda w: asked(
        w.here, typed=ABOUT_WATER, lead=w.beside, parent=w.target, because=WHY
    ),
    "ledger.entering.attach_target": lambda w: asked(w.here, target=w.target, parent=w.aim(), because=WHY),
    "ledger.restating.confirm_target": lambda w: asked(w.here, finding=w.finding(), target=w.target),
    "ledger.restating.amend_by_finding": lambda w: asked(
        w.here, finding=w.finding(value=Decimal(30)), target=w.target, because=WHY
    ),
    "ledger.restating.settle_repeats": lambda w: asked(
        w.here, document=w.finding(indicator=w.target.terms.get().title).document
    ),
    "ledger.splitting.split_target": lambda w: asked(
        w.here, target=w.aim(), parts=[Share(w.beside, Decimal(24))], because=WHY
    ),
    "ledger.splitting.plan_target": lambda w: asked(
        w.here, target=w.target, planned=[(date(2026, 12, 31), Decimal(24), "")], basis=PlanBasis.TYPED, because=WHY
    ),
    "ledger.year_end.close_year": lambda w: asked(
        w.old_target.terms.get().lead_unit, unit=w.here, year=2025, because=WHY
    ),
    "ledger.year_end.reopen_year": lambda w: asked(w.here, year_end=w.year, because=WHY),
    "ledger.year_end.carry_over": lambda w: asked(
        w.here, year_end=w.year, carried=[Carry(w.old_target, Decimal(24))], period="2026", because=WHY
    ),
}

REPORTING: dict[str, Recipe] = {
    "reporting.actions.save_draft": lambda w: asked(w.here, target=w.aim(), period=FEBRUARY, typed=w.typed),
    "reporting.actions.submit": lambda w: asked(w.here, target=w.aim(), period=FEBRUARY, typed=w.typed),
    "reporting.actions.withdraw_entry": lambda w: asked(w.here, target=w.entry().report.target, period=FEBRUARY),
    "reporting.actions.correct_accepted": lambda w: asked(
        w.here, target=w.entry(upto="accepted").report.target, period=FEBRUARY, typed=w.typed, because=WHY
    ),
    "reporting.actions.accept_entry": lambda w: asked(w.here, report=w.entry().report),
    "reporting.actions.return_entry": lambda w: asked(w.here, report=w.entry().report, because=WHY),
    "reporting.actions.close_period": lambda w: asked(w.here, unit=w.here, month=FEBRUARY),
    "reporting.actions.reopen_period": lambda w: asked(
        w.village, closing=reporting.close_period(by=w.admin, at=days(0), unit=w.village, month=FEBRUARY), because=WHY
    ),
}


CASES: dict[str, Recipe] = {
    "cases.actions.open_for_verdicts": lambda w: asked(w.here, on=DAY, verdicts=[w.verdict(w.aim())]),
    "cases.actions.open_for_section": lambda w: asked(
        w.here, on=DAY, section=w.section, month=FEBRUARY, water_class=5, required_class=3, reason="总磷超标"
    ),
    "cases.actions.open_case": lambda w: asked(w.here, title="溪边垃圾", detail="左岸三十米", unit=w.here),
    "cases.actions.open_case:target": lambda w: asked(
        w.here, title="落后", detail="落后于时序", target=w.case().target, unit=w.here
    ),
    "cases.actions.open_case:section": lambda w: asked(w.here, title="超标", detail="总磷", section=w.section),
    "cases.actions.assign": lambda w: asked(w.here, case=w.case(), unit=w.village),
    "cases.actions.extend": lambda w: asked(w.here, case=w.case("assign"), due_on=date(2026, 12, 31), note=WHY),
    "cases.actions.accept_case": lambda w: asked(w.here, case=w.case("assign")),
    "cases.actions.report_progress": lambda w: asked(w.here, case=w.case("assign"), note=WHY),
    "cases.actions.submit_rectification": lambda w: asked(w.here, case=w.case("assign"), note=WHY, files=[PHOTO]),
    "cases.actions.verify": lambda w: asked(w.here, case=w.case("assign", "rectify"), note=WHY),
    "cases.actions.return_case": lambda w: asked(w.here, case=w.case("assign", "rectify"), note=WHY),
    "cases.actions.close_out": lambda w: asked(w.here, case=w.case("assign", "rectify", "verify")),
    "cases.actions.dismiss": lambda w: asked(w.here, case=w.case(), note=WHY),
    "cases.actions.reopen": lambda w: asked(w.here, case=w.case("assign", "rectify", "verify", "close"), note=WHY),
}


def _run(world: World, deed: LetterDeed, *before: str) -> Asked:
    series = world.letter(*before).series if before or deed is not LetterDeed.DRAFT else world.series()
    return asked(world.here, series=series, deed=deed)


LETTERS: dict[str, Recipe] = {
    "letters.actions.save_template": lambda w: asked(w.here, unit=w.here, template=wordings.templates()["task_book"]),
    "letters.actions.open_series": lambda w: asked(
        w.here, kind="task_book", topic="攻坚", year=2026, issuer=w.here, receivers=[w.village]
    ),
    "letters.actions.draft": lambda w: asked(w.here, series=w.series(), receiver=w.village),
    "letters.actions.edit": lambda w: asked(w.here, letter=w.letter(), changes=Edit()),
    "letters.actions.refresh": lambda w: asked(w.here, letter=w.letter()),
    "letters.actions.submit": lambda w: asked(w.here, letter=w.letter()),
    "letters.actions.review": lambda w: asked(w.here, letter=w.letter("submit")),
    "letters.actions.return_letter": lambda w: asked(w.here, letter=w.letter("submit"), words=WHY),
    "letters.actions.issue": lambda w: asked(w.here, letter=w.letter("submit", "review")),
    "letters.actions.amend": lambda w: asked(
        w.here, letter=w.letter("submit", "review", "issue", "sign"), because=WHY, authority="会议纪要",
        reason=next(iter(wordings.presets()[wordings.kinds()["task_book"].reasons].reasons)),
    ),
    "letters.actions.drop_revision": lambda w: asked(w.here, letter=w.letter(), words=WHY),
    "letters.actions.withdraw": lambda w: asked(w.here, letter=w.letter(), words=WHY),
    "letters.runs.start:draft": lambda w: _run(w, LetterDeed.DRAFT),
    "letters.runs.start:review": lambda w: _run(w, LetterDeed.REVIEW, "submit"),
    "letters.runs.start:issue": lambda w: _run(w, LetterDeed.ISSUE, "submit", "review"),
    "letters.runs.carry_on": lambda w: asked(
        w.here, run=runs.start(by=w.writer, at=days(0), series=w.series(), deed=LetterDeed.DRAFT)
    ),
    "letters.signatures.confirm:issuer": lambda w: asked(
        w.here, letter=w.letter("submit", "review", "issue"), side=Side.ISSUER, password=PASSWORD
    ),
    "letters.signatures.confirm:receiver": lambda w: asked(
        w.village, letter=w.letter("submit", "review", "issue"), side=Side.RECEIVER, password=PASSWORD
    ),
    "letters.signatures.enter_scan": lambda w: asked(
        w.here, letter=w.letter("submit", "review", "issue"), signatures=w.signatures, files=[File("签.pdf", w.pdf)]
    ),
    "letters.signatures.enter_register": lambda w: asked(
        w.here, letter=w.letter("submit", "review", "issue"), signatures=w.signatures
    ),
}  # fmt: skip

PLANS: dict[str, Recipe] = {
    "plans.actions.draft": lambda w: asked(
        w.here, kind="river", title="", unit=w.here, begins_on=DAY, ends_on=date(2027, 12, 31), river=w.river
    ),
    "plans.actions.add_opinion": lambda w: asked(
        w.here, plan=w.plan(), consultee="units", party="区水利局", opinion="无意见"
    ),
    "plans.actions.carry_out:consult": lambda w: w.plan_deed("consult", "drafted"),
    "plans.actions.carry_out:review": lambda w: w.plan_deed("review", "consulted"),
    "plans.actions.carry_out:approve": lambda w: w.plan_deed("approve", "reviewed"),
    "plans.actions.carry_out:return": lambda w: w.plan_deed("return", "consulted"),
    "plans.actions.carry_out:enforce": lambda w: w.plan_deed("enforce", "approved"),
    "plans.actions.carry_out:finish": lambda w: w.plan_deed("finish", "in_force"),
    "plans.actions.carry_out:evaluate": lambda w: w.plan_deed("evaluate", "drafted"),
    "plans.actions.carry_out:reopen": lambda w: w.plan_deed("reopen", "drafted"),
    "plans.actions.carry_out:revise": lambda w: w.plan_deed("revise", "in_force"),
    "plans.actions.carry_out:close": lambda w: w.plan_deed("close", "drafted"),
    "plans.actions.carry_out:withdraw": lambda w: w.plan_deed("withdraw", "drafted"),
    "plans.lists.put_item": lambda w: asked(w.here, plan=w.plan(), list_key="problem", code="W1", words="管网未接通"),
    "plans.lists.strike_item": lambda w: asked(w.here, plan=w.plan(), code="W1", because=WHY),
    "plans.lists.write_chapter": lambda w: asked(w.here, plan=w.plan(), chapter="present", words="现状"),
}

PUBLISHING: dict[str, Recipe] = {
    "publishing.actions.draft_bulletin": lambda w: asked(w.here, month=FEBRUARY, unit=w.here),
    "publishing.actions.draft_correction": lambda w: asked(w.here, bulletin=w.bulletin("submit", "approve", "issue")),
    "publishing.actions.edit_draft": lambda w: asked(w.here, bulletin=w.bulletin(), words={}, title="通报"),
    "publishing.actions.refresh_draft": lambda w: asked(w.here, bulletin=w.bulletin()),
    "publishing.actions.submit": lambda w: asked(w.here, bulletin=w.bulletin()),
    "publishing.actions.approve": lambda w: asked(w.here, bulletin=w.bulletin("submit")),
    "publishing.actions.return_bulletin": lambda w: asked(w.here, bulletin=w.bulletin("submit"), because=WHY),
    "publishing.actions.return_bulletin:approved": lambda w: asked(
        w.here, bulletin=w.bulletin("submit", "approve"), because=WHY
    ),
    "publishing.actions.issue": lambda w: asked(w.here, bulletin=w.bulletin("submit", "approve")),
}

REGISTERS: dict[str, Recipe] = {
    "registers.actions.enter": lambda w: asked(
        w.here, kind="zero_waste_cells", unit=w.here, typed={"name": "东溪小学", "sort": "学校"}
    ),
    "registers.actions.correct": lambda w: asked(w.here, entry=w.entered(), typed={"name": "东溪二中"}, note=WHY),
    "registers.actions.move": lambda w: asked(w.here, entry=w.entered(), move="review", typed={"score": "90"}),
    "registers.actions.move:confirming": lambda w: asked(
        w.here, entry=w.entered(), move="certify", typed={"done_on": str(DAY)}, files=[PHOTO]
    ),
    "registers.actions.confirm": lambda w: asked(w.here, entry=w.entered()),
    "registers.actions.give_back": lambda w: asked(w.here, entry=w.entered(), note=WHY),
    "registers.actions.strike": lambda w: asked(w.here, entry=w.entered(), note=WHY),
    "registers.declaring.declare_kind": lambda w: asked(None, tables={}, because=WHY),
    "registers.declaring.retire_kind": lambda w: asked(None, key="zero_waste_cells", because=WHY),
}


def _event(world: World) -> Asked:
    found = scorecards.enter_event(
        by=world.admin, at=days(0), unit=world.here, kind=EventKind.VETO, key=_veto(), day=DAY, what="数据造假",
        evidence="督查通报",
    )  # fmt: skip
    return asked(world.here, event=found, because=WHY)


def _veto() -> str:
    from heqing_site.scorecards.queries import chosen_scheme

    return chosen_scheme(DAY).vetoes[0].key


def _scored(world: World) -> Asked:
    scorecards.score_month(at=days(0), month=FEBRUARY, as_of=DAY)
    return asked(world.city, month=FEBRUARY)


SCORECARDS: dict[str, Recipe] = {
    "scorecards.actions.score_month": lambda w: asked(w.city, month=FEBRUARY, as_of=DAY),
    "scorecards.actions.publish_month": _scored,
    "scorecards.actions.enter_event": lambda w: asked(
        w.here, unit=w.here, kind=EventKind.VETO, key=_veto(), day=DAY, what="数据造假", evidence="督查通报"
    ),
    "scorecards.actions.withdraw_event": _event,
}

VERDICTS: dict[str, Recipe] = {
    "verdicts.actions.judge_all": lambda w: asked(w.here, on=DAY, readings=None, targets=[w.target.pk]),
}

ROUNDS: dict[str, Recipe] = {"rounds.actions.judge": lambda w: asked(w.target.terms.get().lead_unit, on=DAY)}


def _paper(world: World) -> Asked:
    return asked(world.here, work=world.work(), paper="result", file=File("result.png", PNG), issued_on=DAY)


WORKS: dict[str, Recipe] = {
    "works.actions.create_list": lambda w: asked(w.issuing, name="新清单", kind="key", year=2026, issuer=w.issuing),
    "works.actions.issue_list": lambda w: asked(w.issuing, task_list=w.task_list, because=WHY),
    "works.actions.close_list": lambda w: asked(w.issuing, task_list=w.new_list(), because=WHY),
    "works.actions.create_work": lambda w: asked(
        w.issuing, task_list=w.task_list, item="0", kind=WorkKind.TASK, pipeline="task", facts=w.work_facts
    ),
    "works.actions.amend_work": lambda w: asked(w.issuing, work=w.work(), facts={"title": "改名"}, because=WHY),
    "works.actions.activate": lambda w: asked(w.issuing, work=w.work(begin=False)),
    "works.actions.add_paper": _paper,
    "works.actions.advance": lambda w: asked(w.here, work=w.work()),
    "works.actions.advance:finish": lambda w: asked(w.checking, work=w.work(stage="closed")),
    "works.actions.return_stage": lambda w: asked(w.checking, work=w.work(stage="doing"), note=WHY),
    "works.actions.ask_postponement": lambda w: asked(w.here, work=w.work(), new_finish=date(2027, 1, 31), note=WHY),
    "works.actions.answer_postponement": lambda w: asked(w.issuing, work=w.work(), is_granted=True, note=WHY),
    "works.actions.drop_work": lambda w: asked(w.issuing, work=w.work(), note=WHY),
    "works.actions.declare_pipeline": lambda w: asked(
        w.city,
        name="新流程",
        kind=WorkKind.TASK,
        stages=[{"stage": "doing", "name_zh": "办理", "share": 100}],
        papers=[],
        because=WHY,
    ),
    "works.contributions.count_contribution": lambda w: asked(w.issuing, **w.counting),
    "works.contributions.take_back": lambda w: asked(w.issuing, contribution=w.contribution(), because=WHY),
    "works.progress.report_progress": lambda w: asked(w.here, work=w.work(), month=date(2026, 3, 1), told=w.telling),
    "works.progress.check_progress": lambda w: asked(w.checking, progress=w.told(), is_accepted=True),
    "works.slips.propose_slip": lambda w: asked(w.leading, work=w.work(), words="进展滞后"),
    "works.slips.issue_slip": lambda w: asked(w.leading, slip=w.slip()),
    "works.slips.drop_slip": lambda w: asked(w.leading, slip=w.slip(), note=WHY),
    "works.slips.answer_slip": lambda w: asked(w.here, slip=w.slip("issue"), note=WHY),
    "works.slips.accept_answer": lambda w: asked(w.leading, slip=w.slip("issue", "answer")),
    "works.slips.raise_slip": lambda w: asked(w.leading, slip=w.slip("issue", "answer"), note=WHY),
}

RECIPES: dict[str, Recipe] = {
    **ORGS, **PLACES, **LIBRARY, **MONITORING, **LEDGER, **REPORTING, **CASES, **LETTERS, **PLANS, **PUBLISHING,
    **REGISTERS, **SCORECARDS, **VERDICTS, **ROUNDS, **WORKS,
}  # fmt: skip

# --- what is asked at two places or for two matters ------------------------------------------------------------------

# Called so that the deed touches the other town too: whoever has the right at one of the two alone is refused.
TWO_PLACES: dict[str, Recipe] = {
    "orgs.actions.move_unit": lambda w: asked(w.here, unit=w.village, parent=w.beside, because=WHY),
    "orgs.actions.amend_user": lambda w: asked(
        w.here, user=w.kept, display_name="李安", phone="", unit=w.beside, because=WHY
    ),
    "orgs.succession.merge_unit": lambda w: asked(
        w.here, unit=w.village, into=w.unit("南村", UnitKind.VILLAGE, w.beside), last_day=DAY, because=WHY
    ),
    "places.actions.change_place": lambda w: asked(w.here, place=w.section, because=WHY, unit=w.beside),
    "ledger.actions.set_lead": lambda w: asked(w.here, target=w.target, unit=w.beside, because=WHY),
    "ledger.entering.attach_target": lambda w: asked(w.here, target=w.target, parent=w.aim(lead=w.beside), because=WHY),
    "cases.actions.assign": lambda w: asked(w.here, case=w.case(), unit=w.beside),
    "registers.actions.correct": lambda w: asked(w.here, entry=w.entered(), typed={}, note=WHY, unit=w.beside),
}

# Called so that a thing about water becomes one about air.
TWO_MATTERS: dict[str, Recipe] = {
    "ledger.actions.amend_target": lambda w: asked(w.here, target=w.target, changes={"pillar": "air"}, because=WHY),
    "library.actions.correct_finding": lambda w: asked(
        w.here, finding=w.proposed(), changes={"pillar": "air"}, because=WHY
    ),
    "works.actions.amend_work": lambda w: asked(w.issuing, work=w.work(), facts={"pillar": "air"}, because=WHY),
}
