"""Units, posts and accounts from and to Excel: read by another program, brought twice, out of order, with faults."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.site.conftest import AT, DAY, PASSWORD

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs import actions, rosters
from heqing_site.orgs.models import Post, RoleGrant, Term, Unit, User
from heqing_site.orgs.rules import Role
from heqing_site.sheets.models import Intake
from heqing_site.sheets.paper import export

HEADS = {what: [field.name for field in fields] for what, (_, fields) in rosters.ROSTERS.items()}


def sheet(what: str, *rows: tuple[Any, ...]) -> bytes:
    """Write a sheet as somebody would in Excel."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(HEADS[what])
    for row in rows:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes) -> list[tuple[Any, ...]]:
    """Read a sheet that was handed out, by another program than ours."""
    return [row for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)][1:]


def bring(by: User, what: str, content: bytes, **facts: Any) -> rosters.Brought:
    told = {"because": "机构改革方案", "back": "/orgs/units/", "file_name": "名册.xlsx", **facts}
    return rosters.bring(by=by, at=AT, what=what, content=content, **told)


def faults(done: rosters.Brought) -> list[tuple[int, str]]:
    return [(row["row"], row["faults"][0]["sentence"]) for row in done.intake.rejected]


TREE = (
    ("990102101", "南湾镇", "镇（乡）", "990102", "2026-01-01"),  # before its district
    ("990102", "河口区", "区（县、县级市）", "9901", "2026/1/1"),  # before its city
    ("9901", "清州市", "市", "99", "2026-01-01"),
    ("99", "清江省", "省（自治区、直辖市）", None, "2026-01-01"),
)


def test_a_tree_out_of_order_is_taken_whole_and_brought_again_changes_nothing(district):
    done = bring(district.site_admin, "units", sheet("units", *TREE))

    assert (done.intake.taken, done.intake.unchanged, done.intake.rejected) == (4, 0, [])
    town = Unit.objects.get(code="990102101")
    assert [town.parent.code, town.parent.parent.code, town.parent.parent.parent.code] == ["990102", "9901", "99"]

    entries = AuditEntry.objects.count()
    again = bring(district.site_admin, "units", sheet("units", *TREE))
    assert (again.intake.taken, again.intake.unchanged) == (0, 4)
    assert AuditEntry.objects.count() == entries


def test_a_sheet_renames_moves_and_closes_and_says_what_it_cannot(district):
    done = bring(
        district.site_admin,
        "units",
        sheet(
            "units",
            ("990101101201", "柳湾新村", "村", "990101102", "2020-01-01"),
            ("990101-05", "清河区生态环境局", "镇（乡）", "990101", "2020-01-01"),  # another kind
            ("990101-77", "没有上级的科", "部门", "404", "2026-01-01"),
            ("990101-02", "清河区督查室", "部门", "990101", "2020-01-01", "2026-03-01", "撤销"),
            ("990101-78", "", "部门", "990101", "2026-01-01"),  # no name
            ("990101-79", "圈一", "部门", "990101-80", "2026-01-01"),  # a circle
            ("990101-80", "圈二", "部门", "990101-79", "2026-01-01"),
        ),
    )

    village = Unit.objects.get(code="990101101201")
    assert (village.name, village.parent) == ("柳湾新村", district.west)
    assert Unit.objects.get(code="990101-02").active_to == date(2026, 3, 1)
    assert (done.intake.taken, len(done.intake.rejected)) == (2, 5)
    said = dict(faults(done))
    assert said[3] == "类别已登记为“部门”，不能由表格修改。"
    assert "没有代码为“404”的上级单位" in said[4]
    assert not Unit.objects.filter(code__in=["990101-77", "990101-78", "990101-79", "990101-80"]).exists()


@pytest.mark.parametrize("what", ["units", "posts", "people"])
def test_what_goes_out_comes_back_and_changes_nothing(district, what):
    who: dict[str, Any] = {"by": district.site_admin, "at": AT}
    actions.appoint(**who, post=district.director, holder=district.clerk, started_on=date(2025, 1, 1))
    actions.grant_role(
        **who, user=district.clerk, role=Role.CLERK, unit=district.bureau, valid_from=DAY, matters=("water", "air"),
        valid_to=date(2026, 12, 31),
    )  # fmt: skip
    rows = {
        "units": rosters.unit_rows,
        "posts": rosters.post_rows,
        "people": lambda: rosters.people_rows(within=None, on=DAY),
    }[what]()
    content = export("名册", rosters.ROSTERS[what][1], rows)
    entries = AuditEntry.objects.count()

    done = bring(district.site_admin, what, content)

    assert done.intake.rejected == []
    assert done.intake.taken == 0
    assert done.intake.unchanged == len([row for row in read(content) if any(row)])
    assert AuditEntry.objects.count() == entries
    assert PASSWORD not in str(read(content))


def test_posts_are_set_up_held_passed_on_and_left(district):
    rows = (
        ("990101-05", "局长", "zhaolei", "赵磊", "2024-01-01"),
        ("清河区生态环境局", "副局长", None, None, None),  # by its name, vacant
        ("990101-05", "局长", "sunli", "孙丽", "2026-03-01"),  # takes over
        ("990101-05", "科长", "zhaolei", "赵雷", "2026-03-01"),  # another name
        ("990101-05", "科长", "nobody", None, "2026-03-01"),
        ("990101-05", "科长", "zhaolei", None, None),
    )

    done = bring(district.site_admin, "posts", sheet("posts", *rows))

    assert (done.intake.taken, [number for number, _ in faults(done)]) == (3, [5, 6, 7])
    held = Term.objects.filter(post=district.director).order_by("started_on")
    assert [(term.holder.username, term.ended_on) for term in held] == [
        ("zhaolei", date(2026, 2, 28)),
        ("sunli", None),
    ]
    assert not Post.objects.filter(name="科长").exists()
    left = bring(
        district.site_admin,
        "posts",
        sheet("posts", ("990101-05", "局长", "sunli", None, "2026-03-01", "2026-03-02", "调任")),
    )
    assert left.intake.taken == 1
    assert held.last().ended_on == DAY


PEOPLE = (
    ("wanghong", "王红", "990101101", "13800000000", "经办人员", "990101101", "治水、治气", "2026-03-02"),
    ("wanghong", "王红", "990101101", "13800000000", "业务人员", "990101102"),
    ("liqiang", "李强", "990101102"),
)


def test_accounts_are_opened_with_passwords_that_are_shown_once_and_never_kept(district):
    done = bring(district.site_admin, "people", sheet("people", *PEOPLE))

    assert done.intake.rejected == []
    assert [user.username for user, _ in done.passwords] == ["wanghong", "liqiang"]
    for user, password in done.passwords:
        assert user.check_password(password)
        assert user.must_change_password
        kept = str([list(model.objects.values()) for model in (User, AuditEntry, Intake)])
        assert password not in kept
    grants = RoleGrant.objects.filter(user__username="wanghong").order_by("pk")
    assert [(grant.role, grant.unit, grant.matters) for grant in grants] == [
        ("clerk", district.east, "air water"),
        ("officer", district.west, ""),
    ]
    again = bring(district.site_admin, "people", sheet("people", *PEOPLE))
    assert (again.intake.taken, again.intake.unchanged, again.passwords) == (0, 3, [])


def test_an_account_is_amended_and_its_grant_changed_by_a_sheet(district):
    bring(district.site_admin, "people", sheet("people", *PEOPLE[:1]))

    done = bring(
        district.site_admin,
        "people",
        sheet("people", ("wanghong", "王虹", "990101102", None, "经办人员", "990101101", "治水")),
    )

    assert done.intake.taken == 1
    user = User.objects.get(username="wanghong")
    assert (user.display_name, user.phone, user.unit) == ("王虹", "", district.west)
    assert [grant.matters for grant in user.grants.in_force_on(DAY)] == ["water"]


def test_nobody_brings_accounts_or_roles_beyond_their_own(district):
    done = bring(
        district.east_admin,
        "people",
        sheet(
            "people",
            ("east1", "东一", "990101101"),
            ("west1", "西一", "990101102"),
            ("east2", "东二", "990101101", None, "系统管理员", "全站"),
            ("east3", "东三", "990101101", None, "业务人员", "404"),
        ),
    )

    assert [number for number, _ in faults(done)] == [3, 4, 5]
    assert [user.username for user, _ in done.passwords] == ["east1"]
    assert not User.objects.filter(username__in=["west1", "east2", "east3"]).exists()


def test_a_sheet_without_a_reason_is_not_taken(district):
    with pytest.raises(RuleBrokenError, match=r"because\.missing"):
        bring(district.site_admin, "units", sheet("units", *TREE), because="  ")
    assert not Intake.objects.exists()


def upload(client: Client, what: str, content: bytes) -> Any:
    return client.post(
        f"/orgs/sheets/{what}/", {"file": SimpleUploadedFile("名册.xlsx", content), "because": "机构改革方案"}
    )


def test_the_pages_take_and_give_sheets(district, client: Client):
    client.force_login(district.site_admin)

    for what in rosters.ROSTERS:
        assert "导入还是导出" in client.get(f"/orgs/sheets/{what}/").content.decode()
        assert read(client.get(f"/orgs/sheets/{what}/template/").content)
        assert read(client.get(f"/orgs/sheets/{what}/export/").content)
    assert client.get("/orgs/sheets/none/").status_code == 404
    answer = upload(client, "units", sheet("units", *TREE))
    assert answer.status_code == 302
    assert "收下 4 行" in client.get(answer["Location"]).content.decode()
    assert client.post("/orgs/sheets/units/", {"because": "x"}).status_code == 422


def test_first_passwords_are_shown_once_and_must_be_changed(district, client: Client):
    client.force_login(district.site_admin)
    answer = upload(client, "people", sheet("people", *PEOPLE))
    page = answer.content.decode()
    assert answer.status_code == 201
    assert "只显示这一次" in page
    assert "no-store" in answer["Cache-Control"]
    password = page.split("<code>")[1].split("</code>")[0]

    other = Client()
    assert other.login(username="wanghong", password=password)
    user = User.objects.get(username="wanghong")
    answer = other.get("/orgs/units/")
    assert (answer.status_code, answer["Location"]) == (302, f"/orgs/people/{user.pk}/password/")
    form = {"old_password": password, "password": password, "again": password}
    assert other.post(answer["Location"], form).status_code == 422
    form |= {"password": "qing-jiang-2026", "again": "qing-jiang-2026"}
    assert other.post(answer["Location"], form).status_code == 302
    assert other.get("/orgs/units/").status_code == 200
    user.refresh_from_db()
    assert not user.must_change_password


def test_accounts_are_not_handed_out_to_everybody(district, client: Client):
    client.force_login(district.officer)
    assert client.get("/orgs/sheets/people/export/").status_code == 403

    client.force_login(district.east_admin)
    given = {row[0] for row in read(client.get("/orgs/sheets/people/export/").content)}
    assert given == {"liumin", "tangqin"}


def test_the_number_of_questions_does_not_grow_with_the_rows(district, django_assert_max_num_queries):
    for number in range(30):
        unit = actions.create_unit(
            by=district.site_admin, at=AT, name=f"科{number}", code=f"K{number}", kind=rosters.UnitKind.DEPARTMENT,
            parent=district.bureau, active_from=DAY,
        )  # fmt: skip
        actions.create_post(by=district.site_admin, at=AT, unit=unit, name="科长")
    with django_assert_max_num_queries(9):
        assert len(list(rosters.unit_rows())) > 30
        assert len(list(rosters.post_rows())) > 30
        assert len(list(rosters.people_rows(within=None, on=DAY))) >= 8


def test_days_that_excel_made_are_read(district):
    done = bring(
        district.site_admin,
        "units",
        sheet("units", ("99", "清江省", "省（自治区、直辖市）", None, datetime(2026, 1, 1))),
    )

    assert done.intake.taken == 1
    assert Unit.objects.get(code="99").active_from == date(2026, 1, 1)
