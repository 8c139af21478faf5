"""Pages of units, people and rights. Each reads one query or carries out one action, and renders.

This is where the clock is read: actions are told the moment. Rights are checked by the actions; the pages only hide
what would be refused.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.orgs import actions, queries, rules, succession
from heqing_site.orgs import forms as shapes
from heqing_site.orgs.models import ApiToken, Post, RoleGrant, Term, Unit, User
from heqing_site.orgs.rules import PERMISSION_NAMES, Permission, Role, UnitKind

PEOPLE_ON_A_PAGE = 50


# --- units --------------------------------------------------------------------------------------------------------


def units(request: HttpRequest) -> HttpResponse:
    """Show the directory (单位与职务): the tree of units and who holds their posts today."""
    today = timezone.localdate()
    search = request.GET.get("q", "").strip()
    with_closed = request.GET.get("closed") == "1"
    rows = queries.directory(on=today, search=search, with_closed=with_closed)
    context = {
        "rows": rows,
        "search": search,
        "with_closed": with_closed,
        "today": today,
        "post_count": sum(row.post_count for row in rows),
        "held_count": sum(len(row.holders) for row in rows),
        "may_add_top": queries.may(me(request), Permission.UNIT_EDIT, None, on=today),
    }
    return render(request, "orgs/units.html", context)


def unit(request: HttpRequest, key: int) -> HttpResponse:
    """Show one unit: where it stands, what stands below it, its posts with everybody who held them."""
    today = timezone.localdate()
    unit = get_object_or_404(Unit.objects.select_related("parent", "successor"), pk=key)
    context = {
        "unit": unit,
        "line": queries.line_of(unit)[:-1],
        "children": unit.children.all(),
        "predecessors": unit.predecessors.all(),
        "groups": queries.leading_groups().filter(Q(unit=unit) | Q(office=unit)),
        "resolutions": queries.resolutions_of(unit)[:10],
        "posts": queries.posts_of(unit),
        "today": today,
        "is_active": unit.is_active_on(today),
        "may_edit": unit.active_to is None and queries.may(me(request), Permission.UNIT_EDIT, unit, on=today),
        "may_close": unit.active_to is None and queries.may(me(request), Permission.UNIT_EDIT, unit.parent, on=today),
    }
    return render(request, "orgs/unit.html", context)


def add_unit(request: HttpRequest) -> HttpResponse:
    """Enter a unit at the top or, with ``?under=``, below another."""
    under = request.GET.get("under", "")
    parent = get_object_or_404(Unit, pk=under if under.isdecimal() else 0) if under else None
    form = shapes.UnitForm(request.POST or None, initial={"active_from": timezone.localdate()})

    def act() -> Unit:
        typed = form.cleaned_data
        return actions.create_unit(
            by=me(request),
            at=timezone.now(),
            name=typed["name"],
            code=typed["code"],
            kind=UnitKind(typed["kind"]),
            parent=parent,
            active_from=typed["active_from"],
        )

    back = reverse("orgs:unit", args=[parent.pk]) if parent else reverse("orgs:units")
    title = f"在“{parent}”下新增单位" if parent else "新增顶层单位"
    return carry_out(request, form, act, title=title, verb="新增", back=back, done="已新增单位。")


def rename_unit(request: HttpRequest, key: int) -> HttpResponse:
    """Give a unit another name."""
    unit = get_object_or_404(Unit, pk=key)
    form = shapes.RenameForm(request.POST or None, initial={"name": unit.name})
    return carry_out(
        request,
        form,
        lambda: actions.rename_unit(by=me(request), at=timezone.now(), unit=unit, **form.cleaned_data),
        title=f"“{unit}”更名",
        verb="更名",
        back=reverse("orgs:unit", args=[unit.pk]),
        done="已更名。",
    )


def move_unit(request: HttpRequest, key: int) -> HttpResponse:
    """Put a unit under another."""
    unit = get_object_or_404(Unit, pk=key)
    form = shapes.MoveForm(request.POST or None, initial={"parent": unit.parent_id}, on=timezone.localdate())
    return carry_out(
        request,
        form,
        lambda: actions.move_unit(by=me(request), at=timezone.now(), unit=unit, **form.cleaned_data),
        title=f"调整“{unit}”的隶属关系",
        verb="调整",
        back=reverse("orgs:unit", args=[unit.pk]),
        done="已调整隶属关系。",
    )


def close_unit(request: HttpRequest, key: int) -> HttpResponse:
    """Close a unit."""
    unit = get_object_or_404(Unit, pk=key)
    form = shapes.CloseUnitForm(request.POST or None, initial={"last_day": timezone.localdate()})
    return carry_out(
        request,
        form,
        lambda: actions.deactivate_unit(by=me(request), at=timezone.now(), unit=unit, **form.cleaned_data),
        title=f"停用“{unit}”",
        intro="停用后不能恢复，也不会删除：它名下的记录照旧保留。",
        verb="停用",
        back=reverse("orgs:unit", args=[unit.pk]),
        done="已停用。",
    )


def merge_unit(request: HttpRequest, key: int) -> HttpResponse:
    """Merge a unit into another."""
    today = timezone.localdate()
    unit = get_object_or_404(Unit.objects.select_related("parent"), pk=key)
    queries.require(me(request), Permission.UNIT_EDIT, unit.parent, on=today)
    form = shapes.MergeForm(request.POST or None, initial={"last_day": today}, on=today, unit=unit)
    done: list[succession.Merged] = []

    def act() -> succession.Merged:
        typed = form.cleaned_data
        done.append(
            succession.merge_unit(
                by=me(request),
                at=timezone.now(),
                unit=unit,
                into=typed["into"],
                last_day=typed["last_day"],
                because=typed["because"],
                move_posts=typed["posts"] == "move",
                move_grants=typed["move_grants"],
            )
        )
        return done[0]

    return carry_out(
        request,
        form,
        act,
        title=f"“{unit}”并入其他单位",
        intro="并入后本单位停用，不能恢复。下级单位、账号和未办结的事项转到并入单位；已办结的和历史记录仍归本单位。",
        verb="并入",
        back=reverse("orgs:unit", args=[unit.pk]),
        done=lambda: f"已并入：{'；'.join(done[0].said) or '没有需要承接的事项'}。",
    )


# --- posts and terms ----------------------------------------------------------------------------------------------


def add_post(request: HttpRequest, key: int) -> HttpResponse:
    """Set up a post in a unit."""
    unit = get_object_or_404(Unit, pk=key)
    form = shapes.PostForm(request.POST or None)
    return carry_out(
        request,
        form,
        lambda: actions.create_post(by=me(request), at=timezone.now(), unit=unit, **form.cleaned_data),
        title=f"在“{unit}”设立职务",
        verb="设立",
        back=reverse("orgs:unit", args=[unit.pk]),
        done="已设立职务。",
    )


def appoint(request: HttpRequest, key: int) -> HttpResponse:
    """Enter who takes up a post."""
    post = get_object_or_404(Post.objects.select_related("unit"), pk=key)
    form = shapes.AppointForm(request.POST or None, initial={"started_on": timezone.localdate()})
    return carry_out(
        request,
        form,
        lambda: actions.appoint(by=me(request), at=timezone.now(), post=post, **form.cleaned_data),
        title=f"{post}：任职",
        intro="任职只记录谁在这个职务上，不带来系统权限；权限请在“账号与授权”中授予。",
        verb="任职",
        back=reverse("orgs:unit", args=[post.unit_id]),
        done="已登记任职。",
    )


def post(request: HttpRequest, key: int) -> HttpResponse:
    """Show one post: who holds it, who held it when, in which leading groups it sits."""
    today = timezone.localdate()
    found = queries.post_with(key)
    if found is None:
        raise Http404
    terms = list(found.terms.all())
    running = next((term for term in terms if rules.is_within(today, term.started_on, term.ended_on)), None)
    context = {
        "post": found,
        "terms": terms,
        "running": running,
        "became": queries.post_successor_of(found) if found.successor_id else None,
        "seats": queries.seats_of_post(found),
        "today": today,
        "may_edit": found.unit.active_to is None
        and queries.may(me(request), Permission.UNIT_EDIT, found.unit, on=today),
    }
    return render(request, "orgs/post.html", context)


def succeed(request: HttpRequest, key: int) -> HttpResponse:
    """Enter that a post passes from who holds it to somebody else."""
    post = get_object_or_404(Post.objects.select_related("unit"), pk=key)
    form = shapes.SucceedForm(request.POST or None, initial={"started_on": timezone.localdate()})
    done: list[str] = []

    def act() -> object:
        _, said = succession.succeed(by=me(request), at=timezone.now(), post=post, **form.cleaned_data)
        done.extend(said)
        return said

    return carry_out(
        request,
        form,
        act,
        title=f"{post}：接任",
        intro="挂在职务上的任务、责任书等随职务由接任人承接；原任职人经办、尚未办结的问题一并移交。",
        verb="接任",
        back=reverse("orgs:post", args=[post.pk]),
        done=lambda: "；".join(["已登记接任", *done]) + "。",
    )


def end_term(request: HttpRequest, key: int) -> HttpResponse:
    """Enter that somebody leaves a post."""
    term = get_object_or_404(Term.objects.select_related("post__unit", "holder"), pk=key)
    form = shapes.EndTermForm(request.POST or None, initial={"last_day": timezone.localdate()})
    return carry_out(
        request,
        form,
        lambda: actions.end_term(by=me(request), at=timezone.now(), term=term, **form.cleaned_data),
        title=f"{term.post}：{term.holder}离任",
        verb="离任",
        back=reverse("orgs:unit", args=[term.post.unit_id]),
        done="已登记离任。",
    )


# --- people and rights --------------------------------------------------------------------------------------------


def people(request: HttpRequest) -> HttpResponse:
    """List the accounts (账号与授权) that this person may look after."""
    today = timezone.localdate()
    within = _require_people(request, today)
    search = request.GET.get("q", "").strip()
    found = queries.people(within=within, on=today, search=search)
    page = Paginator(found, PEOPLE_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "orgs/people.html", {"page": page, "search": search})


def person(request: HttpRequest, key: int) -> HttpResponse:
    """Show one account: its posts, its roles, and what may be done with it."""
    today = timezone.localdate()
    who = get_object_or_404(User.objects.select_related("unit"), pk=key)
    if who.pk != me(request).pk:
        queries.require(me(request), Permission.USER_EDIT, who.unit, on=today)
    context = {
        "who": who,
        "terms": queries.terms_of(who, on=today),
        "grants": queries.grants_of(who),
        "today": today,
        "is_me": who.pk == me(request).pk,
        "may_edit": who.is_active and queries.may(me(request), Permission.USER_EDIT, who.unit, on=today),
    }
    return render(request, "orgs/person.html", context)


def add_person(request: HttpRequest) -> HttpResponse:
    """Open an account."""
    today = timezone.localdate()
    form = shapes.UserForm(request.POST or None, on=today, within=_require_people(request, today))
    opened: list[User] = []

    def act() -> User:
        opened.append(actions.create_user(by=me(request), at=timezone.now(), **form.cleaned_data))
        return opened[0]

    return carry_out(
        request,
        form,
        act,
        title="新建账号",
        intro="一人一账号，不共用。新账号没有任何权限，建好后再授权。",
        verb="新建",
        back=lambda: reverse("orgs:person", args=[opened[0].pk]) if opened else reverse("orgs:people"),
        done="已新建账号。下一步：在本页授权。",
    )


def amend_person(request: HttpRequest, key: int) -> HttpResponse:
    """Correct name, phone or unit of an account."""
    today = timezone.localdate()
    who = get_object_or_404(User.objects.select_related("unit"), pk=key)
    form = shapes.AmendUserForm(
        request.POST or None,
        initial={"display_name": who.display_name, "phone": who.phone, "unit": who.unit_id},
        on=today,
        within=_require_people(request, today),
    )
    return carry_out(
        request,
        form,
        lambda: actions.amend_user(by=me(request), at=timezone.now(), user=who, **form.cleaned_data),
        title=f"修改{who}的账号",
        intro="用户名不变；授权不随归口单位变动，需要时另行授权。",
        verb="保存",
        back=reverse("orgs:person", args=[who.pk]),
        done="已修改账号。",
    )


def close_person(request: HttpRequest, key: int) -> HttpResponse:
    """Close an account."""
    who = get_object_or_404(User, pk=key)
    form = shapes.BecauseForm(request.POST or None)
    return carry_out(
        request,
        form,
        lambda: actions.deactivate_user(by=me(request), at=timezone.now(), user=who, **form.cleaned_data),
        title=f"停用{who}的账号",
        intro="停用立即生效：此人不能再登录，其办理过的事项照旧保留。",
        verb="停用",
        back=reverse("orgs:person", args=[who.pk]),
        done="已停用账号。",
    )


def password(request: HttpRequest, key: int) -> HttpResponse:
    """Change one's own password, or reset another's."""
    who = get_object_or_404(User, pk=key)
    is_me = who.pk == me(request).pk
    form = shapes.PasswordForm(request.POST or None, owner=who if is_me else None)

    def act() -> User:
        changed = actions.set_password(
            by=me(request), at=timezone.now(), user=who, password=form.cleaned_data["password"]
        )
        if is_me:
            update_session_auth_hash(request, changed)
        return changed

    return carry_out(
        request,
        form,
        act,
        title="修改密码" if is_me else f"重置{who}的密码",
        verb="修改" if is_me else "重置",
        back=reverse("orgs:person", args=[who.pk]),
        done="密码已修改。",
    )


def add_grant(request: HttpRequest, key: int) -> HttpResponse:
    """Grant a role."""
    today = timezone.localdate()
    who = get_object_or_404(User, pk=key)
    form = shapes.GrantForm(
        request.POST or None, initial={"valid_from": today}, on=today, within=_require_people(request, today)
    )

    def act() -> RoleGrant:
        typed = form.cleaned_data
        return actions.grant_role(
            by=me(request),
            at=timezone.now(),
            user=who,
            role=Role(typed["role"]),
            unit=typed["unit"],
            matters=typed["matters"],
            valid_from=typed["valid_from"],
            valid_to=typed["valid_to"],
        )

    back = reverse("orgs:person", args=[who.pk])
    return carry_out(request, form, act, title=f"给{who}授权", verb="授权", back=back, done="已授权。")


def revoke_grant(request: HttpRequest, key: int) -> HttpResponse:
    """Take a role back."""
    grant = get_object_or_404(RoleGrant.objects.select_related("user", "unit"), pk=key)
    form = shapes.BecauseForm(request.POST or None)
    return carry_out(
        request,
        form,
        lambda: actions.revoke_grant(by=me(request), at=timezone.now(), grant=grant, **form.cleaned_data),
        title=f"收回授权：{grant}",
        intro="收回立即生效。",
        verb="收回",
        back=reverse("orgs:person", args=[grant.user_id]),
        done="已收回授权。",
    )


# --- tokens of the API --------------------------------------------------------------------------------------------


def tokens(request: HttpRequest, key: int) -> HttpResponse:
    """List the tokens (接口令牌) of a person; a new one's secret is shown here, once, in the answer that made it."""
    return _tokens(request, _token_owner(request, key))


@never_cache
def add_token(request: HttpRequest, key: int) -> HttpResponse:
    """Make a token and show its secret."""
    who = _token_owner(request, key)
    form = shapes.TokenForm(request.POST or None)
    title = f"给{who}新建接口令牌"
    if request.method == "POST" and form.is_valid():
        try:
            issued = actions.create_token(by=me(request), at=timezone.now(), user=who, **form.cleaned_data)
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            form.add_error(None, error.sentence(get_language()))
        else:
            return _tokens(request, who, issued)
    context = {
        "form": form,
        "title": title,
        "intro": "程序凭令牌以此人的全部权限办事，办理的事项记在此人名下。令牌只显示一次，请当场存入程序的密钥库。",
        "verb": "新建",
        "back": reverse("orgs:tokens", args=[who.pk]),
    }
    return render(request, "orgs/form.html", context, status=422 if form.errors else 200)


def revoke_token(request: HttpRequest, key: int) -> HttpResponse:
    """Revoke a token."""
    token = get_object_or_404(ApiToken.objects.select_related("user__unit"), pk=key)
    _token_owner(request, token.user_id)
    form = shapes.BecauseForm(request.POST or None)
    return carry_out(
        request,
        form,
        lambda: actions.revoke_token(by=me(request), at=timezone.now(), token=token, **form.cleaned_data),
        title=f"停用接口令牌：{token.name}",
        intro="停用立即生效，用它的程序不能再调用接口；不能恢复，只能新建。",
        verb="停用",
        back=reverse("orgs:tokens", args=[token.user_id]),
        done="已停用接口令牌。",
    )


def _token_owner(request: HttpRequest, key: int) -> User:
    who = get_object_or_404(User.objects.select_related("unit"), pk=key)
    if who.pk != me(request).pk:
        queries.require(me(request), Permission.USER_EDIT, who.unit, on=timezone.localdate())
    return who


def _tokens(request: HttpRequest, who: User, issued: actions.IssuedToken | None = None) -> HttpResponse:
    today = timezone.localdate()
    found = list(queries.tokens_of(who))
    context = {
        "who": who,
        "tokens": found,
        "alive": sum(token.revoked_at is None and token.expires_on >= today for token in found) if who.is_active else 0,
        "issued": issued,
        "today": today,
        "is_me": who.pk == me(request).pk,
    }
    return render(request, "orgs/tokens.html", context, status=201 if issued else 200)


# --- what the pages have in common --------------------------------------------------------------------------------


def me(request: HttpRequest) -> User:
    """Give who asks."""
    return cast(User, request.user)


def _require_people(request: HttpRequest, today: date) -> set[int] | None:
    within = queries.places_with(me(request), Permission.USER_EDIT, on=today)
    if within is not None and not within:
        raise RuleBrokenError(PERMISSION_MISSING, permission=PERMISSION_NAMES[Permission.USER_EDIT], unit="任何单位")
    return within


def carry_out(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], object],
    *,
    title: str,
    verb: str,
    back: str | Callable[[], str],
    done: str | Callable[[], str],
    intro: str = "",
) -> HttpResponse:
    """Show a form, carry out its action when it is sent, and say on the form which rule forbade it."""
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            form.add_error(None, error.sentence(get_language()))
        else:
            messages.success(request, done() if callable(done) else done)
            return redirect(back() if callable(back) else back)
    context = {"form": form, "title": title, "intro": intro, "verb": verb, "back": back() if callable(back) else back}
    return render(request, "orgs/form.html", context, status=422 if form.errors else 200)
