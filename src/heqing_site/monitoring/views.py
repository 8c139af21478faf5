"""Pages of monitoring: parse, one query or action, render."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

from heqing_site import workbooks
from heqing_site.errors import RuleBrokenError
from heqing_site.monitoring import actions, forms, queries, rules, shown
from heqing_site.monitoring.rules import DomainName
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import may_somewhere, places_with
from heqing_site.orgs.rules import Permission
from heqing_site.places.models import Section, Station
from heqing_site.places.queries import stations_of

SHOWN_REJECTS = 200
MONTHS_SHOWN = 13
PER_PAGE = 50
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# --- imports ------------------------------------------------------------------------------------------------------


def imports(request: HttpRequest) -> HttpResponse:
    """List what was imported, and import a file."""
    today = timezone.localdate()
    me = _me(request)
    may_import = may_somewhere(me, Permission.DATA_IMPORT, on=today)
    form, status = None, 200
    if may_import:
        within = places_with(me, Permission.DATA_IMPORT, on=today)
        initial = {"unit": me.unit_id, "domain": request.GET.get("domain", "air")}
        form = forms.ImportForm(request.POST or None, request.FILES or None, on=today, within=within, initial=initial)
    if request.method == "POST":
        status = 422
        if form is None:
            raise RuleBrokenError("permission.missing", permission="监测数据导入", unit="本单位")
        if form.is_valid():
            given = form.cleaned_data
            try:
                done = actions.import_file(
                    by=me,
                    at=timezone.now(),
                    unit=given["unit"],
                    domain=DomainName(given["domain"]),
                    file_name=given["file"].name or "",
                    content=given["file"].chunks(),
                    renames=given["renames"],
                    units=given["units"],
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                form.add_error("file", error.sentence(get_language()))
            else:
                messages.success(request, _told(done))
                return redirect("monitoring:import", done.upload.batch)
    domain = request.GET.get("domain", "")
    domain = domain if domain in list(DomainName) else ""
    page = Paginator(queries.imports(domain=domain), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": form,
        "domain": domain,
        "domains": [("", "全部"), *[(d.value, rules.DOMAIN_NAMES[d]) for d in DomainName]],
    }
    return render(request, "monitoring/imports.html", context | _rooms("imports"), status=status)


def _told(done: actions.Import) -> str:
    up = done.upload
    if not done.is_new:
        return f"“{up.file_name}”以前导入过，数据没有变化。"
    parts = [f"新增 {up.new} 个值", f"更正 {up.changed} 个", f"与已有相同 {up.same} 个", f"未收 {up.rejects} 处"]
    return f"已导入“{up.file_name}”{up.rows} 行：{'，'.join(parts)}。"


def one_import(request: HttpRequest, name: str) -> HttpResponse:
    """Show what became of one file."""
    found = queries.batch(name)
    if found is None:
        raise Http404
    refused = queries.rejected(name) if found.rejects else []
    context = {
        "batch": found,
        "rejects": refused[:SHOWN_REJECTS],
        "more_rejects": max(0, len(refused) - SHOWN_REJECTS),
        "changes": queries.changes(name) if found.changed else [],
        "items": shown.item_names(found.domain),
    }
    return render(request, "monitoring/import.html", context | _rooms("imports"))


def rejects(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """Hand out what was not stored, as CSV or Excel."""
    found = queries.batch(name)
    if found is None or kind not in ("csv", "xlsx"):
        raise Http404
    header = ["文件", "行", "列", "内容", "原因", "整行原文"]
    rows: list[list[object]] = [[r.file, r.row, r.column, r.value, r.reason, r.raw_row] for r in queries.rejected(name)]
    if kind == "csv" or len(rows) > workbooks.MOST_ROWS:
        text = io.StringIO()
        csv.writer(text).writerows([header, *[[_harmless(cell) for cell in row] for row in rows]])
        return _download(("\ufeff" + text.getvalue()).encode(), f"未收_{found.file}.csv", "text/csv; charset=utf-8")
    widths = (30, 8, 14, 16, 44, 60)
    columns = [workbooks.Column(name, width) for name, width in zip(header, widths, strict=True)]
    body = workbooks.write("未收", columns, rows)
    return _download(body, f"未收_{found.file}.xlsx", EXCEL)


def received(request: HttpRequest, name: str) -> HttpResponseBase:
    """Hand out the file as received."""
    found = queries.batch(name)
    if found is None or found.upload is None:
        raise Http404
    try:
        file = found.upload.received.open("rb")
    except FileNotFoundError as error:
        raise Http404("原件不在数据目录中，请联系系统管理员从备份恢复。") from error
    return FileResponse(file, as_attachment=True, filename=found.upload.file_name)


def template(request: HttpRequest, domain: str) -> HttpResponse:
    """Hand out an empty sheet with the columns."""
    if domain not in list(DomainName):
        raise Http404
    text = io.StringIO()
    csv.writer(text).writerows(rules.TEMPLATES[DomainName(domain)])
    name = f"{rules.DOMAIN_NAMES[DomainName(domain)]}数据模板.csv"
    return _download(("\ufeff" + text.getvalue()).encode(), name, "text/csv; charset=utf-8")


# --- air ----------------------------------------------------------------------------------------------------------


def stations(request: HttpRequest) -> HttpResponse:
    """Show the stations on a day, by default the last with values."""
    today = timezone.localdate()
    asked = _day(request.GET.get("day", ""))
    day = asked or queries.last_air_day(until=today)
    context: dict[str, Any] = {"day": day, "levels": shown.levels(day or today).values(), "rows": [], "area": None}
    if day is not None:
        known = {(r["city"], r["station"]): r for r in queries.station_days(first=day, last=day).iter_rows(named=True)}
        listed = list(stations_of(on=day))
        context["rows"] = [_air_row(place, known.get((place.city, place.name)), day) for place in listed]
        area_day = queries.air_days(first=day, last=day).to_dicts()
        context["area"] = _air_row(None, area_day[0] if area_day else None, day)
        context["evaluated"] = sum(place.is_evaluated for place in listed)
        context["unknown"] = sorted({f"{c or ''}{s or ''}" for c, s in known} - {f"{p.city}{p.name}" for p in listed})
        context["is_invented"] = any(place.is_invented for place in listed)
    return render(request, "monitoring/stations.html", context | _rooms("stations"))


def station(request: HttpRequest, key: int) -> HttpResponse:
    """Show a year of a station, day by day."""
    place = get_object_or_404(Station.objects.select_related("unit"), pk=key)
    return _air_year(request, place)


def area(request: HttpRequest) -> HttpResponse:
    """Show a year of the area: the mean over the stations that are evaluated."""
    return _air_year(request, None)


def _air_year(request: HttpRequest, place: Station | None) -> HttpResponse:
    today = timezone.localdate()
    last = queries.last_air_day(until=today) or today
    year = _number(request.GET.get("year", ""), 1990, today.year) or last.year
    item = request.GET.get("item", "")
    item = item if item in shown.AIR_ITEMS else "pm2_5"
    first, end = date(year, 1, 1), min(date(year, 12, 31), today)
    found = queries.station_days(place, first=first, last=end) if place else queries.air_days(first=first, last=end)
    days = [row for row in found.iter_rows(named=True)] if "aqi" in found.columns else []
    names, units = shown.item_names("air"), shown.item_units("air")
    by_level: dict[int, int] = {}
    for row in days:
        if row["level"] is not None:
            by_level[row["level"]] = by_level.get(row["level"], 0) + 1
    every = {row["day"]: row for row in days}
    calendar_days = [date.fromordinal(n) for n in range(first.toordinal(), end.toordinal() + 1)]
    context = {
        "place": place,
        "year": year,
        "begins": reverse("monitoring:station", args=[place.pk]) if place else reverse("monitoring:stations") + "?day=",
        "ends": "/" if place else "",
        "years": range(max(1990, year - 2), min(today.year, year + 1) + 1),
        "grid": shown.year_grid(days, year, last=end),
        "levels": [(level, by_level.get(level.number, 0)) for level in shown.levels(end).values()],
        "judged": sum(by_level.values()),
        "good": sum(bool(row["good_day"]) for row in days),
        "item": item,
        "item_name": names[item],
        "unit": units[item],
        "items": [(code, names[code]) for code in shown.AIR_ITEMS],
        "rows": [_air_row(place, row, row["day"]) for row in reversed(days)],
        "chart": {
            "title": f"{names[item]} 日均值" if item != "o3_8h" else "O3 日最大 8 小时均值",
            "unit": units[item],
            "name": names[item],
            "dates": [day.isoformat() for day in calendar_days],
            "values": [
                float(said) if (there := every.get(day)) and (said := shown.air_value(item, there[item], day)) else None
                for day in calendar_days
            ],
        },
        "is_invented": place.is_invented if place else any(s.is_invented for s in stations_of(on=end)),
    }
    return render(request, "monitoring/station.html", context | _rooms("stations"))


def station_day(request: HttpRequest, key: int, day: str) -> HttpResponse:
    """Show the rows behind a day of a station."""
    place = get_object_or_404(Station.objects.select_related("unit"), pk=key)
    when = _day(day)
    if when is None:
        raise Http404
    rows = queries.station_days(place, first=when, last=when).to_dicts()
    row = rows[0] if rows else None
    chosen = request.GET.get("item", "")
    names = shown.item_names("air")
    if chosen not in names:
        first = ((row or {}).get("primary_pollutants") or "pm2_5").split(",")[0]
        chosen = first if first in names else "pm2_5"
    read = "o3" if chosen == "o3_8h" else chosen
    behind = queries.rows_behind(place, read, when, when)
    if not behind and read != chosen:
        behind = queries.rows_behind(place, chosen, when, when)
    context = {
        "place": place,
        "day": when,
        "shown_row": _air_row(place, row, when),
        "cells": [_air_cell(code, row, when) for code in shown.AIR_ITEMS],
        "chosen": chosen,
        "chosen_name": names[chosen],
        "behind": behind,
        "reasons": shown.reason_words(row["reason"], row["value_reason"]) if row else [],
        "before": date.fromordinal(when.toordinal() - 1),
        "after": date.fromordinal(when.toordinal() + 1),
        "is_invented": place.is_invented,
    }
    return render(request, "monitoring/station_day.html", context | _rooms("stations"))


def _air_row(place: Station | None, row: dict[str, Any] | None, day: date) -> dict[str, Any]:
    """Give what a page shows of a day of a place."""
    if row is None:
        return {"place": place, "day": day, "aqi": None, "values": [(name, "—") for name in _air_names()]}
    return {
        "place": place,
        "day": day,
        "iso": day.isoformat(),
        "aqi": row["aqi"],
        "level": shown.levels(day).get(row["level"]),
        "primary": shown.said(row["primary_pollutants"], "air"),
        "hours": row.get("hours"),
        "values": [
            (name, shown.air_value(code, row[code], day) or "—")
            for code, name in zip(shown.AIR_ITEMS, _air_names(), strict=True)
        ],
        "reasons": shown.reason_words(row["reason"]) if row["aqi"] is None else [],
        "basis": shown.basis(row["edition"], row["clause"]),
        "unconfirmed": row["unconfirmed"],
    }


def _air_names() -> list[str]:
    return [shown.item_names("air")[code] for code in shown.AIR_ITEMS]


def _air_cell(code: str, row: dict[str, Any] | None, day: date) -> dict[str, Any]:
    hours = "windows_o3_8h" if code == "o3_8h" else f"hours_{code}"
    return {
        "code": code,
        "name": shown.item_names("air")[code],
        "unit": shown.item_units("air")[code],
        "value": shown.air_value(code, row[code], day) if row else "",
        "index": row[f"iaqi_{code}"] if row else None,
        "hours": row.get(hours) if row else None,
    }


# --- water --------------------------------------------------------------------------------------------------------


def sections(request: HttpRequest) -> HttpResponse:
    """Show the classes of all sections, month by month."""
    today = timezone.localdate()
    last = _month(request.GET.get("month", "")) or today.replace(day=1)
    first = _months_back(last, MONTHS_SHOWN - 1)
    listed = queries.months_of(first=first, last=min(_end(last), today))
    by_section: dict[Section, list[dict[str, Any]]] = {}
    for found in listed:
        by_section.setdefault(found.section, []).append(_water_cell(found))
    ended = _months_back(today.replace(day=1), 1) if last == today.replace(day=1) else last
    judged = [f for f in listed if f.month == ended and f.water_class is not None]
    context = {
        "rows": list(by_section.items()),
        "months": sorted({found.month for found in listed}),
        "month": ended,
        "judged": len(judged),
        "exceeding": [f for f in judged if f.is_exceeding],
        "classes": shown.classes().values(),
        "earlier": _months_back(last, 12),
        "later": _months_back(last, -12) if last < today.replace(day=1) else None,
        "is_invented": any(section.is_invented for section in by_section),
    }
    return render(request, "monitoring/sections.html", context | _rooms("sections"))


def section(request: HttpRequest, key: int) -> HttpResponse:
    """Show a section's months and items."""
    place = get_object_or_404(Section.objects.select_related("unit", "river"), pk=key)
    today = timezone.localdate()
    last = _month(request.GET.get("month", "")) or today.replace(day=1)
    found = queries.months_of(first=_months_back(last, MONTHS_SHOWN - 1), last=min(_end(last), today), section=place)
    names = shown.item_names("water")
    codes = [code for code in names if any(month.values.get(code) is not None for month in found)]
    item = request.GET.get("item", "")
    item = item if item in codes else next((code for code in ("tp", "nh3n", *codes) if code in codes), "")
    context = {
        "place": place,
        "codes": [(code, names[code], shown.item_units("water")[code]) for code in codes],
        "rows": [
            _water_cell(month) | {"values": [shown.water_value(month.values.get(code)) for code in codes]}
            for month in reversed(found)
        ],
        "required": shown.class_name(place.target_class),
        "judged": sum(month.water_class is not None for month in found),
        "exceeding": [month for month in found if month.is_exceeding],
        "item": item,
        "chart": {
            "title": f"{names.get(item, '')} 月均值",
            "unit": shown.item_units("water").get(item, ""),
            "name": names.get(item, ""),
            "dates": [f"{month.month:%Y-%m}" for month in found],
            "values": [
                float(shown.water_value(month.values[item])) if month.values.get(item) is not None else None
                for month in found
            ],
        },
        "is_invented": place.is_invented,
    }
    return render(request, "monitoring/section.html", context | _rooms("sections"))


def section_month(request: HttpRequest, key: int, month: str) -> HttpResponse:
    """Show the rows behind a month of a section."""
    place = get_object_or_404(Section.objects.select_related("unit", "river"), pk=key)
    when = _month(month)
    if when is None:
        raise Http404
    found = queries.months_of(first=when, last=_end(when), section=place)[0]
    names, units = shown.item_names("water"), shown.item_units("water")
    codes = [code for code in names if found.values.get(code) is not None]
    chosen = request.GET.get("item", "")
    if chosen not in names:
        chosen = (found.deciding_items.split(",")[0] or next(iter(codes), "tp")) if found.deciding_items else "tp"
    behind = queries.rows_behind(place, chosen, when, _end(when))
    context = {
        "place": place,
        "found": found,
        "cell": _water_cell(found),
        "required": shown.class_name(place.target_class),
        "cells": [
            {
                "code": code,
                "name": names[code],
                "unit": units[code],
                "value": shown.water_value(found.values[code]),
                "samples": found.values.get(f"{code}_n"),
            }
            for code in codes
        ],
        "chosen": chosen,
        "chosen_name": names[chosen],
        "behind": behind,
        "reasons": shown.reason_words(found.reason),
        "before": _months_back(when, 1),
        "after": _months_back(when, -1),
        "is_invented": place.is_invented,
    }
    return render(request, "monitoring/section_month.html", context | _rooms("sections"))


def _water_cell(found: queries.SectionMonth) -> dict[str, Any]:
    """Give what a page shows of a month of a section."""
    level = shown.classes().get(found.water_class) if found.water_class else None
    return {
        "month": found.month,
        "level": level,
        "is_exceeding": found.is_exceeding,
        "deciding": shown.said(found.deciding_items, "water"),
        "exceedance": found.exceedance,
        "samples": found.samples,
        "basis": shown.basis(found.edition, found.clause),
        "unconfirmed": found.unconfirmed,
        "reasons": shown.reason_words(found.reason) if found.water_class is None else [],
    }


# --- what the pages have in common --------------------------------------------------------------------------------


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _rooms(here: str) -> dict[str, Any]:
    rooms = [("stations", "空气"), ("sections", "水质"), ("imports", "数据导入")]
    return {"rooms": [(reverse(f"monitoring:{name}"), title, name == here) for name, title in rooms]}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _month(text: str) -> date | None:
    return _day(f"{text}-01") if len(text) == 7 else None


def _number(text: str, low: int, high: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 and low <= int(text) <= high else None


def _months_back(month: date, count: int) -> date:
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def _end(month: date) -> date:
    return date.fromordinal(_months_back(month, -1).toordinal() - 1)


def _harmless(cell: object) -> object:
    """Keep a spreadsheet from running what a file brought."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _download(body: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
