"""The generated pages on standards: what the rulebook holds, what a change of edition does, what is unconfirmed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from heqing import air, water
from heqing.editions import Edition, Family, Phase, families, family, table
from heqing.tables import explain

NOTE = "<!-- written by `make reference` from the rulebook; do not edit -->\n"
ABOUT_ROWS = ("edition", "phase", "phase_no", "valid_from", "valid_to", "clause", "sources", "official", "note")
ABOUT_ROWS += ("unconfirmed",)
GROUPS = {
    "standards": "Standards 标准、规范与评价办法",
    "schemes": "Schemes 亮灯、研判与评分办法",
    "procedures": "Procedures 办事程序",
    "lexicon": "Word lists 词表",
}
# What each group is, and why most of the last three can never be confirmed by a standard.
GROUP_NOTES = {
    "standards": "Law and technical rules. Each line is a reason not to cite a result without checking the text first.",
    "schemes": "No standard fixes them: settings of this house or of one city. An installation chooses its own.",
    "procedures": "Settings of this house, drawn from public notices of several places; deadlines are local.",
    "lexicon": "Words and patterns by which documents are read and written. No result of a measurement rests on them.",
}
NAMED = 12  # rows named before the rest is counted


def standards() -> str:
    """List families, editions, phases, tables, and rows that are not confirmed with why."""
    out = [
        "# Standards",
        NOTE,
        "A row is unconfirmed when fewer than two independent sources agree and the official text was not read;",
        "results that rest on it say so. `heqing standards show FAMILY` prints the rows. See also",
        "[what a change of edition does to a sample](standards-editions.md) and",
        "[all that rests on unconfirmed ground](standards-unconfirmed.md).\n",
        "| family | 名称 | editions | rows | not confirmed |",
        "| --- | --- | --- | ---: | ---: |",
    ]
    for key in families("standards"):
        home = family(key)
        rows, unsure = _counts(home)
        editions = "; ".join(e.number for e in home.editions)
        out.append(f"| [`{key}`](#{_anchor(home)}) | {home.name_zh} | {editions} | {rows} | {unsure or '–'} |")
    out.append("")
    for key in families("standards"):
        home = family(key)
        out.append(f"## {home.name_zh} `{key}`\n\n{home.name_en}. {home.judges}.\n")
        out.append("| edition | phase | from | to | title |\n| --- | --- | --- | --- | --- |")
        for edition in home.editions:
            for phase in edition.phases:
                last = phase.valid_to or "open"
                out.append(f"| {edition.number} | {phase.key} | {phase.valid_from} | {last} | {edition.title_zh} |")
        out.append("\n| table | what it holds | rows | not confirmed |\n| --- | --- | ---: | ---: |")
        for name, form in home.tables.items():
            rows_of = table(key, name)
            out.append(f"| {name} | {form.about} | {rows_of.height} | {int(rows_of['unconfirmed'].sum())} |")
        out.append("")
        for edition in home.editions:
            out += [f"- {edition.number}: {s.where} (compared {s.checked_on})" for s in edition.sources]
        unsure_rows = _unconfirmed(home)
        if unsure_rows:
            out += [
                "",
                "Not confirmed:\n",
                "| edition | table | clause | rows | why |",
                "| --- | --- | --- | --- | --- |",
            ]
            out += [f"| {e} | {t} | {clause} | {rows} | {why} |" for e, t, clause, rows, why in unsure_rows]
        out.append("")
    return "\n".join(out)


def _anchor(home: Family) -> str:
    """Give the anchor of a family's heading as GitHub makes it."""
    kept = "".join(c for c in f"{home.name_zh} {home.key}".lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def _counts(home: Family) -> tuple[int, int]:
    rows = [table(home.key, name)["unconfirmed"] for name in home.tables]
    return sum(len(r) for r in rows), sum(int(r.sum()) for r in rows)


def unconfirmed() -> str:
    """List every rule that rests on unconfirmed ground, over all families."""
    totals = {group: [0, 0, 0] for group in GROUPS}
    for group, total in totals.items():
        for key in families(group):
            rows, unsure = _counts(family(key))
            total[0] += rows
            total[1] += unsure
            total[2] += bool(unsure)
    out = [
        "# What rests on unconfirmed ground 未经确认的依据",
        NOTE,
        "一条规定，凡独立来源不足两处、又未见正式文本的，记为“未经确认”；凡依据它得出的结果，都在结果列 `unconfirmed`",
        "和页面上注明。发布、考核、问责之前，应当先核对本页所列条款的正式文本；核对之后，在规则库相应行补记来源，本页随之更新。\n",
        "| 类 | 行数 | 其中未经确认 | 涉及的族 |",
        "| --- | ---: | ---: | ---: |",
        *[f"| {GROUPS[g]} | {rows} | {unsure} | {n} / {len(families(g))} |" for g, (rows, unsure, n) in totals.items()],
        "",
    ]
    for group, heading in GROUPS.items():
        out += [f"## {heading}\n", GROUP_NOTES[group] + "\n"]
        if group == "lexicon":
            out += ["| family | 名称 | rows | not confirmed |", "| --- | --- | ---: | ---: |"]
            for key in families(group):
                rows, unsure = _counts(family(key))
                out.append(f"| `{key}` | {family(key).name_zh} | {rows} | {unsure or '–'} |")
            out.append("")
            continue
        sure = [key for key in families(group) if not _counts(family(key))[1]]
        for key in (k for k in families(group) if k not in sure):
            home = family(key)
            out += [f"### {home.name_zh} `{key}`\n"]
            out += ["| edition | what | clause | rows | why |", "| --- | --- | --- | --- | --- |"]
            out += [f"| {e} | {t} | {clause} | {rows} | {why} |" for e, t, clause, rows, why in _unconfirmed(home)]
            out.append("")
        if sure:
            out.append(f"Nothing unconfirmed: {', '.join(f'`{k}`' for k in sure)}.\n")
    return "\n".join(out)


def _unconfirmed(home: Family) -> list[tuple[str, ...]]:
    """Give edition, table, clause, rows and why of each reason for doubt."""
    found = []
    for name in home.tables:
        rows = table(home.key, name)
        doubtful = rows.filter(pl.col("unconfirmed"))
        for about, part in doubtful.group_by("edition", "clause", "sources", "note", maintain_order=True):
            edition, clause, sources, note = about
            why = "no source but general knowledge" if not sources else "one source"
            if note and note != why:
                why = str(note) if str(note).startswith("from general knowledge") else f"{why}: {note}"
            told = (str(edition), name, str(clause or "–"), _named(part, rows), why)
            found.append(tuple(cell.replace("|", "\\|") for cell in told))
    return found


def _named(part: pl.DataFrame, rows: pl.DataFrame) -> str:
    """Count the rows among those of their edition, and name them by what tells them apart."""
    there = rows.filter(pl.col("edition").is_in(part["edition"].unique().to_list())).height
    if part.height == there:
        return f"all {there}"
    keys = [c for c in part.columns if c not in ABOUT_ROWS]
    named = [c for c in keys if part.schema[c] == pl.String and not c.endswith(("_zh", "_en"))] or keys
    words = list(dict.fromkeys(" ".join(str(v) for v in row if v is not None) for row in part.select(named[:2]).rows()))
    more = f" and {len(words) - NAMED} more" if len(words) > NAMED else ""
    return f"{part.height} of {there}: {', '.join(words[:NAMED])}{more}"


def editions() -> str:
    """Judge fixed samples under each edition and phase, side by side, and list the rows that change."""
    out = [
        "# What a change of edition does to a sample",
        NOTE.replace("from the rulebook", "by judging the samples below with the rulebook"),
        "Each sample is fixed; only the edition, phase or practice it is judged under changes. Every figure is the",
        "answer of the library's own functions, so this page changes when a rule does. ? marks an answer that rests on",
        "unconfirmed ground.\n",
        *_index_of_a_day(),
        *_attaining_day(),
        *_attaining_year(),
        *_year_of_two_regimes(),
        *_ranking(),
        *_water_rounding(),
        *_bloom(),
        "## Rows that change\n",
        "Of each family with more than one edition or phase, the rows that are not the same after the day.\n",
    ]
    for key in families("standards"):
        out += _changes(family(key))
    alone = [f"{family(k).name_zh} (`{k}`)" for k in families("standards") if len(_phases(family(k))) == 1]
    out += ["## Families of one edition\n", "No change to show: " + ", ".join(alone) + ".", ""]
    return "\n".join(out)


def _table(head: list[str], rows: Iterable[list[Any]]) -> list[str]:
    out = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return [*out, *["| " + " | ".join("–" if c is None else str(c) for c in row) + " |" for row in rows], ""]


def _phases(home: Family) -> list[tuple[Edition, Phase]]:
    return [(e, p) for e in home.editions for p in e.phases]


def _name(home: Family, edition: Edition, phase: Phase) -> str:
    several = len(edition.phases) > 1
    return f"{edition.number} {phase.key} (from {phase.valid_from})" if several else edition.number


def _sure(answer: object, unsure: object) -> str:
    return f"{answer}{' ?' if unsure else ''}"


_CLEAN = {"pm2_5": 20.0, "pm10": 40.0, "so2": 8.0, "no2": 20.0, "co": 0.6, "o3_8h": 90.0}
# A day each, clean but for the items named.
_DAYS: dict[str, dict[str, float]] = {
    "PM2.5 35 µg/m³": {"pm2_5": 35},
    "PM2.5 36 µg/m³": {"pm2_5": 36},
    "PM2.5 60 µg/m³": {"pm2_5": 60},
    "PM2.5 70 µg/m³": {"pm2_5": 70},
    "PM2.5 75 µg/m³": {"pm2_5": 75},
    "PM2.5 115 µg/m³": {"pm2_5": 115},
    "PM2.5 116 µg/m³": {"pm2_5": 116},
    "PM10 120 µg/m³": {"pm10": 120},
    "PM10 150 µg/m³": {"pm10": 150},
    "O3 8 h 161 µg/m³": {"o3_8h": 161},
    "NO2 81 µg/m³": {"no2": 81},
    "PM2.5 60, PM10 120 µg/m³": {"pm2_5": 60, "pm10": 120},
}


def _index_of_a_day() -> list[str]:
    home = family("air_index")
    columns: list[dict[str, str]] = []
    for edition, phase in _phases(home):
        days = pl.DataFrame([{"day": phase.valid_from, **_CLEAN, **changed} for changed in _DAYS.values()])
        judged = air.daily_index(days, edition=edition.number)
        said = [
            f"{_sure(row['aqi'], row['unconfirmed'])}, level {row['level']}, {row['primary_pollutants'] or '–'}"
            for row in judged.iter_rows(named=True)
        ]
        columns.append(dict(zip(_DAYS, said, strict=True)))
    clean = ", ".join(f"{item} {value:g}" for item, value in _CLEAN.items())
    return [
        "## Index of a day\n",
        f"AQI, level and primary pollutants of a day with {clean} [µg/m³; CO mg/m³] but for what is named.\n",
        *_table(["sample", *[e.number for e, _ in _phases(home)]], [[s, *[c[s] for c in columns]] for s in _DAYS]),
    ]


def _attaining_day() -> list[str]:
    home = family("ambient_air")
    columns = []
    for edition, phase in _phases(home):
        days = pl.DataFrame([{"day": phase.valid_from, **_CLEAN, **changed} for changed in _DAYS.values()])
        judged = air.attaining_day(days, edition=edition.number)
        said = [
            _sure("attains" if attains else f"exceeds: {items}", unsure)
            for attains, items, unsure in judged.select(
                "attaining_day", "exceeding_items", "limits_unconfirmed"
            ).iter_rows()
        ]
        columns.append(dict(zip(_DAYS, said, strict=True)))
    names = [_name(home, e, p) for e, p in _phases(home)]
    return [
        "## Whether a day attains\n",
        "The same days against the daily limits of GB 3095, class 2. A good day (index up to 100) and an attaining day",
        "are two questions: under HJ 633-2026 PM2.5 60 is index 100, and from 2031 it exceeds.\n",
        *_table(["sample", *names], [[s, *[c[s] for c in columns]] for s in _DAYS]),
    ]


def _year(start: date, **values: float) -> pl.DataFrame:
    days = [start + timedelta(days=n) for n in range(365)]
    return pl.DataFrame({"city": ["甲"] * 365, "day": days, **{i: [float(v)] * 365 for i, v in values.items()}})


_YEARS = {
    "PM2.5 all year 25 µg/m³": {"pm2_5": 25},
    "PM2.5 all year 30 µg/m³": {"pm2_5": 30},
    "PM2.5 all year 34 µg/m³": {"pm2_5": 34},
    "PM2.5 all year 35 µg/m³": {"pm2_5": 35},
    "PM10 all year 65 µg/m³": {"pm10": 65},
    "NO2 all year 35 µg/m³": {"no2": 35},
}


def _attaining_year() -> list[str]:
    home = family("ambient_air")
    names, rows = [], {sample: [sample] for sample in _YEARS}
    for edition, phase in _phases(home):
        names.append(_name(home, edition, phase))
        last = phase.valid_to or date(phase.valid_from.year + 2, 12, 31)
        whole = date(last.year if (last.month, last.day) == (12, 31) else last.year - 1, 1, 1)
        for sample, changed in _YEARS.items():
            (item,) = changed
            year = _year(whole, **changed)
            row = air.period_statistics(year, level="year", by=["city"], edition=edition.number).row(0, named=True)
            word = "attains" if row[f"attains_{item}_by_mean"] else "does not attain"
            rows[sample].append(word)
    return [
        "## Whether a year attains\n",
        "The annual mean against GB 3095, class 2, of a year with the same value every day.\n",
        *_table(["sample", *names], rows.values()),
    ]


def _year_of_two_regimes() -> list[str]:
    year = _year(date(2026, 1, 1), **(_CLEAN | {"pm2_5": 32.0}))
    rows = []
    for told, pin in (
        ("by itself", None),
        ("all by GB 3095-2012", "GB 3095-2012"),
        ("all by GB 3095-2026", "GB 3095-2026"),
    ):
        row = air.period_statistics(year, level="year", by=["city"], edition=pin).row(0, named=True)
        word = "attains" if row["attains_pm2_5_by_mean"] else "does not attain"
        why = explain(row["reason"], "en") if row["reason"] else "–"
        rows.append([told, row["edition"], row["phase"], _sure(word, row["unconfirmed"]), why])
    return [
        "## The year 2026, that both regimes share\n",
        "PM2.5 32 µg/m³ every day of 2026. A year is judged by the edition in force on its last day, and says that it",
        "straddles two; pin an edition to see it the other way.\n",
        *_table(["judged", "edition", "phase", "annual mean of PM2.5", "reason"], rows),
    ]


# Two cities whose order turns: 甲 with more fine dust, 乙 with more of the rest.
_CITIES = {
    "甲": {"pm2_5_mean": 37.0, "pm10_mean": 60.0, "so2_mean": 8.0, "no2_mean": 26.0, "o3_8h_p90": 146.0, "co_p95": 1.0},
    "乙": {"pm2_5_mean": 30.0, "pm10_mean": 60.0, "so2_mean": 8.0, "no2_mean": 30.0, "o3_8h_p90": 164.0, "co_p95": 1.0},
}


def _ranking() -> list[str]:
    home = family("air_ranking")
    rows = []
    for edition, phase in _phases(home):
        cities = pl.DataFrame([{"city": c, "period_end": phase.valid_from, **v} for c, v in _CITIES.items()])
        judged = air.composite_index(cities, edition=edition.number).sort("composite_index")
        found = {r["city"]: r for r in judged.iter_rows(named=True)}
        order = " before ".join(judged["city"].to_list())
        said = [_sure(f"{found[c]['composite_index']:.3f}", found[c]["composite_unconfirmed"]) for c in _CITIES]
        rows.append([f"{phase.key} (from {phase.valid_from})", *said, order])
    told = [f"{c}: " + ", ".join(f"{k} {v:g}" for k, v in values.items()) for c, values in _CITIES.items()]
    return [
        "## Ranking of cities\n",
        "Composite index (环境空气质量综合指数), lower is better. No official rule of ranking for days from 2026-03-01",
        "was found; the denominators are then those of GB 3095-2026.\n",
        *[f"- {line}" for line in told],
        "",
        *_table(["denominators", *_CITIES, "order"], rows),
    ]


_SAMPLES = {
    "total phosphorus 0.2004 mg/L, river": {"body_type": "river", "tp": 0.2004},
    "total phosphorus 0.0504 mg/L, lake": {"body_type": "lake", "tp": 0.0504},
    "ammonia nitrogen 1.004 mg/L, river": {"body_type": "river", "nh3n": 1.004},
    "permanganate index 6.04 mg/L, river": {"body_type": "river", "codmn": 6.04},
    "dissolved oxygen 4.96 mg/L, river": {"body_type": "river", "do": 4.96},
}


def _water_rounding() -> list[str]:
    home = family("surface_water_rounding")
    names, rows = [], {sample: [sample] for sample in _SAMPLES}
    for _, phase in _phases(home):
        names.append(f"{phase.key} (from {phase.valid_from})")
        samples = pl.DataFrame([{"day": phase.valid_from, **s} for s in _SAMPLES.values()], infer_schema_length=None)
        judged = water.water_class(samples)
        for sample, row in zip(_SAMPLES, judged.iter_rows(named=True), strict=True):
            word = "ⅠⅡⅢⅣⅤ劣"[row["water_class"] - 1]
            rows[sample].append(_sure(f"{word} ({row['rounding']})", row["unconfirmed"]))
    return [
        "## Water class under each practice of rounding\n",
        "GB 3838-2002 did not change; whether values are rounded before they are compared did. In between nobody has",
        "said, and the class is unconfirmed.\n",
        *_table(["sample", *names], rows.values()),
    ]


def _bloom() -> list[str]:
    home = family("algal_bloom")
    densities = (2.0e6, 8.0e6, 3.0e7, 8.0e7, 1.2e8)
    rows: dict[float, list[Any]] = {d: [f"{Decimal(d) / 10**4:,f} × 10⁴ cells/L"] for d in densities}
    for _, phase in _phases(home):
        day = phase.valid_from
        judged = water.bloom_grade(pl.DataFrame({"day": [day] * len(densities), "algae_density": list(densities)}))
        for density, row in zip(densities, judged.iter_rows(named=True), strict=True):
            rows[density].append(_sure(row["bloom_word"], row["bloom_unconfirmed"]))
    return [
        "## Grade of an algal bloom\n",
        *_table(["density of algae", *[e.number for e, _ in _phases(home)]], rows.values()),
    ]


def _changes(home: Family) -> list[str]:
    phases = _phases(home)
    if len(phases) == 1:
        return []
    out: list[str] = []
    for number, (edition, phase) in enumerate(phases[1:], 1):
        rows = [[name, *pair] for name in home.tables for pair in _pairs(table(home.key, name), number)]
        out += [f"### {home.name_zh}: {_name(home, edition, phase)}\n", f"From {phase.valid_from}.\n"]
        out += _table(["table", "before", "after"], rows) if rows else ["No row changes.\n"]
    return out


def _pairs(rows: pl.DataFrame, number: int) -> list[list[str]]:
    """Put each row that goes beside the new one it is most like."""
    columns = [c for c in rows.columns if c not in ABOUT_ROWS]

    def of(phase: int) -> list[tuple[str, ...]]:
        part = rows.filter(pl.col("phase_no") == phase).select(columns)
        return [tuple("" if v is None else _plain(v) for v in row) for row in part.rows()]

    before, after = of(number - 1), of(number)
    gone = [row for row in before if row not in set(after)]
    new = [row for row in after if row not in set(before)]
    alone = len(before) == len(after) == 1
    pairs = []
    for row in gone:
        # The first two columns of a table with many rows say what a row is about.
        near = [other for other in new if alone or other[:2] == row[:2]]
        alike = max(near, key=lambda other: sum(a == b for a, b in zip(row, other, strict=True)), default=None)
        if alike is not None:
            new.remove(alike)
        pairs.append([_said(columns, row), _said(columns, alike) if alike else "–"])
    return pairs + [["–", _said(columns, row)] for row in new]


def _plain(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _said(columns: list[str], row: tuple[str, ...]) -> str:
    return ", ".join(f"{c} {v}" for c, v in zip(columns, row, strict=True) if v)
