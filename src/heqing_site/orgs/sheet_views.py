"""Pages that take in and hand out units, posts and accounts as Excel (名册)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from heqing_site import workbooks
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.orgs import queries, rosters
from heqing_site.orgs.rules import PERMISSION_NAMES, Permission
from heqing_site.orgs.views import me
from heqing_site.sheets import paper
from heqing_site.sheets.fields import Field
from heqing_site.sheets.views import brought, xlsx
from heqing_site.workbooks import Column

RIGHTS = {"units": Permission.UNIT_EDIT, "posts": Permission.UNIT_EDIT, "people": Permission.USER_EDIT}
BACK = {"units": "orgs:units", "posts": "orgs:units", "people": "orgs:people"}
EXAMPLES = {
    "units": (
        {"代码": "330000", "名称": "某省", "类别": "省（自治区、直辖市）", "设立日期": "2026-01-01"},
        {"代码": "330000-05", "名称": "某省生态环境厅", "类别": "部门", "上级代码": "330000", "设立日期": "2026-01-01"},
    ),
    "posts": ({"单位代码": "330000-05", "职务": "厅长", "任职人用户名": "zhangsan", "到任日期": "2026-01-01"},),
    "people": (
        {"用户名": "zhangsan", "姓名": "张三", "归口单位代码": "330000-05", "角色": "业务人员", "领域": "治气、治水"},
    ),
}


@never_cache
def bring(request: HttpRequest, what: str) -> HttpResponse:
    """Take in a sheet; first passwords of accounts that it opened are shown in the answer, once."""
    title, fields = _roster(what)
    said = ""
    because = request.POST.get("because", "")
    if request.method == "POST":
        try:
            given = brought(request)
            done = rosters.bring(
                by=me(request),
                at=timezone.now(),
                what=what,
                because=because,
                back=reverse(BACK[what]),
                file_name=given.file_name,
                content=given.content,
                pasted=given.pasted,
                language=get_language(),
            )
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            said = error.sentence(get_language())
        else:
            return _passwords(request, done) if done.passwords else redirect("sheets:intake", done.intake.pk)
    context = {
        "what": what,
        "title": title,
        "fields": fields,
        "said": said,
        "because": because,
        "rosters": [(key, name) for key, (name, _) in rosters.ROSTERS.items()],
        "template_url": reverse("orgs:sheet_template", args=[what]),
        "may_bring": queries.may_somewhere(me(request), RIGHTS[what], on=timezone.localdate()),
        "may_export": what != "people" or _may_see_people(request),
    }
    return render(request, "orgs/bring.html", context, status=422 if said else 200)


def template(request: HttpRequest, what: str) -> HttpResponse:
    """Hand out an empty sheet."""
    title, fields = _roster(what)
    return xlsx(f"{title}（空表）", paper.template(title, fields, EXAMPLES[what]))


def export(request: HttpRequest, what: str) -> HttpResponse:
    """Hand out what stands as a sheet that can be brought back."""
    title, fields = _roster(what)
    today = timezone.localdate()
    if what == "people":
        within = queries.places_with(me(request), Permission.USER_EDIT, on=today)
        if not _may_see_people(request):
            right = PERMISSION_NAMES[Permission.USER_EDIT]
            raise RuleBrokenError(PERMISSION_MISSING, permission=right, unit="任何单位")
        rows = rosters.people_rows(within=within, on=today)
    else:
        rows = rosters.unit_rows() if what == "units" else rosters.post_rows()
    return xlsx(f"{title} {today}", paper.export(title, fields, rows))


def _passwords(request: HttpRequest, done: rosters.Brought) -> HttpResponse:
    columns = [Column("用户名", 18), Column("姓名", 14), Column("初始密码", 22)]
    rows = [[user.username, user.display_name, password] for user, password in done.passwords]
    sheet = base64.b64encode(workbooks.write("初始密码", columns, rows)).decode()
    context = {"done": done, "sheet": f"data:{workbooks.CONTENT_TYPE};base64,{sheet}"}
    return render(request, "orgs/passwords.html", context, status=201)


def _may_see_people(request: HttpRequest) -> bool:
    return queries.may_somewhere(me(request), Permission.USER_EDIT, on=timezone.localdate())


def _roster(what: str) -> tuple[str, Sequence[Field]]:
    if what not in rosters.ROSTERS:
        raise Http404
    return rosters.ROSTERS[what]
