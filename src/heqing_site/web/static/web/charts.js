/* Charts in the style of the house, drawn by ECharts from JSON that the page holds.

   A page writes, inside {% block head %}, {% include "web/_charts.html" %}, and where the chart shall stand:

     <div class="chart" data-chart="course" data-json="pm25" role="img" aria-label="PM2.5 至今 27.3，目标不高于 25"></div>
     {{ pm25|json_script:"pm25" }}
     <table>… the same numbers …</table>

   The box stays closed without JavaScript; the table is always there for whoever reads without charts. `data-height`
   sets the height in pixels. Numbers come as numbers or null (nothing measured); days as "2026-11-22". Every text is
   shown as it comes, so the page says it in the reader's language. Colours of AQI levels and water classes are those of
   the rulebook (air_index/categories.csv, surface_water_method/section_grades.csv): the page hands them over as `color`.

   course    {title, unit, dates: [day…], values: [number|null…],
              name?: "至今平均", limit?: number, limit_words?: "不高于 25", schedule?: [number|null…],
              schedule_words?: "时序进度", low?: [number|null…], high?: [number|null…], band_words?: "预计范围",
              steps?: true}      limit line labelled, schedule dashed, gaps broken and hatched, range as a pale band;
                                 `steps` for counts that stay until the next report
   bars      {title, unit, rows: [{name, value, words?, light?: "green|yellow|red|grey", href?}…],
              limit?: number, limit_words?}      bars from zero in the order given, value beside the bar
   calendar  {title, unit, days: [{day, value: number|null, level, color, href?}…], levels: [{name, color}…],
              missing_words?: "缺测"}            one square for each day
   ribbon    {title, months: ["2026-01"…], rows: [{name, href?, cells: [{label: "Ⅲ", words?, color}|null…]}…],
              classes: [{name, color}…], missing_words?: "缺测"}      class of water by month and section
*/
(() => {
  "use strict";
  const INK = "#1F2A30", FAINT = "#5B6870", LINE = "#D9E0DE", WATER = "#2A7896", PINE = "#1A6B58", CINNABAR = "#B8252B";
  const LIGHTS = { green: "#2F9467", yellow: "#C9860A", red: "#B8252B", grey: "#8B959B" };
  const SHAPES = { green: "●", yellow: "▲", red: "■", grey: "○" };
  const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif';
  const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M-2 2 2-2M0 8 8 0M6 10 10 6" stroke="#8B959B" stroke-width="1" stroke-opacity=".55"/></svg>';
  const HATCH = { image: "data:image/svg+xml;utf8," + encodeURIComponent(SVG), imageWidth: 8, imageHeight: 8, repeat: "repeat" };

  const text = (size, color) => ({ fontFamily: FONT, fontSize: size, color });
  const plain = (value) => (value === null || value === undefined ? "—" : String(value));
  const is = (value) => value !== null && value !== undefined;
  const escaped = (words) => String(words).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

  function frame(data, extra) {
    return {
      animation: false,
      textStyle: text(13, INK),
      title: {
        text: data.title || "", subtext: data.unit ? data.unit : "", left: 0, top: 0, itemGap: 4,
        textStyle: { ...text(14, INK), fontWeight: 600 }, subtextStyle: text(12, FAINT),
      },
      tooltip: { trigger: "axis", confine: true, transitionDuration: 0, borderColor: LINE, textStyle: text(13, INK), extraCssText: "box-shadow:none;border-radius:6px" },
      ...extra,
    };
  }

  /* runs of nothing between two values: from the last known day to the next */
  function gaps(values) {
    const found = [];
    let last = -1;
    values.forEach((value, at) => {
      if (!is(value)) return;
      if (last >= 0 && at - last > 1) found.push([last, at]);
      last = at;
    });
    return found;
  }

  function nice(size) {
    const ten = 10 ** Math.floor(Math.log10(size));
    return [1, 2, 2.5, 5, 10].find((part) => part * ten >= size) * ten;
  }

  function course(data, width) {
    const on = (values) => values.map((value, at) => [data.dates[at], is(value) ? value : null]);
    const last = data.values.reduce((found, value, at) => (is(value) ? at : found), -1);
    const name = data.name || "";
    const tight = width < 520;
    const series = [];
    if (data.low && data.high) {
      series.push({ name: "low", type: "line", stack: "band", symbol: "none", lineStyle: { opacity: 0 }, data: on(data.low), silent: true, tooltip: { show: false } });
      series.push({
        name: data.band_words || "", type: "line", stack: "band", symbol: "none", lineStyle: { opacity: 0 }, silent: true,
        areaStyle: { color: WATER, opacity: 0.15 }, data: on(data.high.map((high, at) => (is(high) && is(data.low[at]) ? high - data.low[at] : null))),
      });
    }
    if (data.schedule && data.schedule.some((value) => is(value) && value !== data.limit)) {
      const end = data.schedule.reduce((found, value, at) => (is(value) ? at : found), -1);
      series.push({
        name: data.schedule_words || "", type: "line", symbol: "none", connectNulls: true, data: on(data.schedule), silent: true, step: data.steps ? "end" : false,
        lineStyle: { color: FAINT, type: "dashed", width: 1.5 }, itemStyle: { color: FAINT },
        markPoint: end < 0 || !data.schedule_words ? undefined : {
          symbol: "circle", symbolSize: 1, silent: true, data: [{ coord: [data.dates[Math.floor(end / 2)], data.schedule[Math.floor(end / 2)] ?? data.schedule[end]] }],
          label: { formatter: data.schedule_words, position: "top", ...text(12, FAINT) }, itemStyle: { color: "transparent" },
        },
      });
    }
    series.push({
      name, type: "line", data: on(data.values), symbol: data.values.length > 40 ? "none" : "circle", symbolSize: 5, connectNulls: false,
      step: data.steps ? "end" : false, lineStyle: { color: WATER, width: 2 }, itemStyle: { color: WATER }, z: 5,
      markArea: { silent: true, itemStyle: { color: HATCH }, data: gaps(data.values).map(([from, to]) => [{ xAxis: data.dates[from] }, { xAxis: data.dates[to] }]) },
      markPoint: last < 0 ? undefined : {
        symbol: "circle", symbolSize: 7, silent: true, itemStyle: { color: WATER }, data: [{ coord: [data.dates[last], data.values[last]] }],
        label: { formatter: `${name} ${plain(data.values[last])}`.trim(), position: "top", align: last > data.dates.length * 0.6 ? "right" : "center", distance: 7, ...text(12, WATER), fontWeight: 600, textBorderColor: "#fff", textBorderWidth: 3 },
      },
      markLine: !is(data.limit) ? undefined : {
        symbol: "none", silent: true, lineStyle: { color: CINNABAR, type: "solid", width: 1 }, data: [{ yAxis: data.limit }],
        label: { formatter: data.limit_words || plain(data.limit), position: "insideStartTop", ...text(12, CINNABAR), textBorderColor: "#fff", textBorderWidth: 3 },
      },
    });
    const all = [...data.values, ...(data.schedule || []), ...(data.high || []), ...(data.low || []), data.limit].filter(is);
    const low = Math.min(...all), high = Math.max(...all), room = (high - low) * 0.15 || Math.abs(high) * 0.15 || 1;
    const step = nice((high - low + 2 * room) / 4);
    const from = low >= 0 && low - room < high * 0.5 ? 0 : Math.floor((low - room) / step) * step;
    return frame(data, {
      grid: { left: 4, right: tight ? 12 : 20, top: 56, bottom: 4, containLabel: true },
      xAxis: {
        type: "time", min: data.dates[0], max: data.dates[data.dates.length - 1], axisLine: { lineStyle: { color: LINE } }, axisTick: { show: false },
        axisLabel: { ...text(12, FAINT), hideOverlap: true, formatter: "{MM}-{dd}" },
      },
      yAxis: {
        type: "value", min: from, max: Math.ceil((high + room / 2) / step) * step, interval: step,
        axisLabel: { ...text(12, FAINT), formatter: (value) => String(Number(value.toPrecision(6))) },
        splitLine: { lineStyle: { color: "#EDF1F0" } },
      },
      tooltip: {
        ...frame(data).tooltip,
        formatter: (points) => [escaped(points[0].data[0]), ...points.filter((p) => p.seriesName !== "low" && p.seriesName !== data.band_words).map((p) => `${escaped(p.seriesName)} <b>${plain(p.data[1])}</b>`)].join("<br>"),
      },
      series,
    });
  }

  function bars(data, width) {
    const rows = data.rows;
    const letters = width < 520 ? 7 : 14;
    return frame(data, {
      tooltip: { ...frame(data).tooltip, trigger: "item", formatter: (point) => `${escaped(rows[point.dataIndex].name)} <b>${plain(point.value)}</b>${rows[point.dataIndex].words ? "<br>" + escaped(rows[point.dataIndex].words) : ""}` },
      grid: { left: 4, right: width < 520 ? 64 : 96, top: 52, bottom: 4, containLabel: true },
      xAxis: { type: "value", min: (box) => Math.min(0, box.min), axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: {
        type: "category", inverse: true, data: rows.map((row) => row.name), axisTick: { show: false }, axisLine: { lineStyle: { color: FAINT } },
        axisLabel: { ...text(13, INK), formatter: (name) => (name.length > letters ? name.slice(0, letters - 1) + "…" : name) },
      },
      series: [{
        type: "bar", barMaxWidth: 16, data: rows.map((row) => ({ value: row.value, itemStyle: { color: LIGHTS[row.light] || WATER }, cursor: row.href ? "pointer" : "default" })),
        label: { show: true, position: "right", ...text(12, INK), formatter: (point) => `${SHAPES[rows[point.dataIndex].light] ? SHAPES[rows[point.dataIndex].light] + " " : ""}${plain(point.value)}` },
        markLine: !is(data.limit) ? undefined : {
          symbol: "none", silent: true, lineStyle: { color: CINNABAR, type: "solid", width: 1 }, data: [{ xAxis: data.limit }],
          label: { formatter: data.limit_words || plain(data.limit), position: "end", ...text(12, CINNABAR) },
        },
      }],
    });
  }

  function calendar(data, width) {
    const tight = width < 640;
    const days = data.days.map((day) => day.day).sort();
    const cell = tight ? [Math.floor((width - 60) / 7), 14] : ["auto", 15];
    const shown = key(data.levels, data.missing_words, width);
    return frame(data, {
      tooltip: { ...frame(data).tooltip, trigger: "item", formatter: (point) => { const day = data.days[point.dataIndex]; return `${day.day} <b>${is(day.value) ? day.value : data.missing_words || "—"}</b> ${escaped(day.level || "")}`; } },
      calendar: {
        range: [days[0], days[days.length - 1]], orient: tight ? "vertical" : "horizontal", top: 74 + shown.height, left: tight ? 44 : 36, right: 8, cellSize: cell,
        splitLine: { lineStyle: { color: FAINT, width: 1 } }, itemStyle: { color: "#fff", borderColor: LINE, borderWidth: 1 }, yearLabel: { show: false },
        dayLabel: { firstDay: 1, nameMap: "ZH", ...text(11, FAINT) }, monthLabel: { nameMap: "ZH", ...text(11, FAINT) },
      },
      graphic: shown.graphic,
      series: [{
        type: "heatmap", coordinateSystem: "calendar",
        data: data.days.map((day) => ({ value: [day.day, is(day.value) ? day.value : 0], itemStyle: { color: is(day.value) ? day.color : HATCH, borderColor: "#9AA6A4", borderWidth: 0.5 } })),
      }],
      visualMap: { show: false, min: 0, max: 1, inRange: { opacity: [1, 1] }, dimension: 1 },
    });
  }

  /* what the colours mean, as small squares with words */
  function key(levels, missing, width) {
    const shown = [...(levels || []), ...(missing ? [{ name: missing, color: null }] : [])];
    const elements = [];
    let left = 0, top = 48;
    shown.forEach((level) => {
      const wide = 28 + level.name.length * 12;
      if (left + wide > width && left) { left = 0; top += 18; }
      elements.push({ type: "rect", left, top, shape: { width: 12, height: 12 }, style: { fill: level.color || HATCH, stroke: "#9AA6A4", lineWidth: 0.5 }, silent: true });
      elements.push({ type: "text", left: left + 16, top, style: { text: level.name, ...{ font: `12px ${FONT}`, fill: FAINT } }, silent: true });
      left += wide;
    });
    return { graphic: { elements }, height: top - 48 + 18 };
  }

  function ribbon(data, width) {
    const cells = [];
    const shown = key(data.classes, data.missing_words, width);
    const roomy = width > 560;
    data.rows.forEach((row, y) => row.cells.forEach((cell, x) => cells.push({
      value: [x, y, 0], label: { formatter: cell ? (roomy ? cell.label : cell.label.slice(0, 1)) : "" }, words: cell ? cell.words || cell.label : data.missing_words || "—", href: row.href,
      itemStyle: { color: cell ? cell.color : HATCH, borderColor: "#fff", borderWidth: 2 },
    })));
    const letters = width < 520 ? 6 : 12;
    return frame(data, {
      tooltip: { ...frame(data).tooltip, trigger: "item", formatter: (point) => `${escaped(data.rows[point.value[1]].name)} ${data.months[point.value[0]]}<br><b>${escaped(point.data.words)}</b>` },
      grid: { left: 4, right: 4, top: 66 + shown.height, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: data.months, position: "top", axisLine: { show: false }, axisTick: { show: false }, axisLabel: { ...text(11, FAINT), hideOverlap: true, formatter: (month) => Number(month.slice(5)) + (month.endsWith("-01") ? `\n${month.slice(0, 4)}` : "") } },
      yAxis: { type: "category", inverse: true, data: data.rows.map((row) => row.name), axisLine: { show: false }, axisTick: { show: false }, axisLabel: { ...text(13, INK), formatter: (name) => (name.length > letters ? name.slice(0, letters - 1) + "…" : name) } },
      graphic: shown.graphic,
      series: [{ type: "heatmap", data: cells, label: { show: true, ...text(roomy ? 11 : 10, INK), textBorderColor: "#fff", textBorderWidth: 2 } }],
      visualMap: { show: false, min: 0, max: 1, inRange: { opacity: [1, 1] }, dimension: 2 },
    });
  }

  const KINDS = { course, bars, calendar, ribbon };

  function height(kind, data, width) {
    if (kind === "bars") return 64 + data.rows.length * 28;
    if (kind === "ribbon") return 70 + key(data.classes, data.missing_words, width).height + data.rows.length * 30;
    if (kind === "calendar") return 84 + key(data.levels, data.missing_words, width).height + (width < 640 ? Math.ceil(data.days.length / 7 + 1) * 14 : 7 * 15);
    return width < 520 ? 230 : 280;
  }

  function draw(box) {
    const holder = document.getElementById(box.dataset.json || box.dataset.source);
    const kind = KINDS[box.dataset.chart];
    if (!holder || !kind) return;
    const data = JSON.parse(holder.textContent);
    box.classList.add("drawn");
    let chart = null;
    const paint = () => {
      const width = box.clientWidth;
      if (!width) return;
      box.style.height = `${box.dataset.height || height(box.dataset.chart, data, width)}px`;
      if (!chart) {
        chart = window.echarts.init(box, null, { renderer: "svg" });
        chart.on("click", (point) => {
          const href = box.dataset.chart === "bars" ? data.rows[point.dataIndex]?.href : box.dataset.chart === "calendar" ? data.days[point.dataIndex]?.href : point.data?.href;
          if (href) window.location.assign(href);
        });
      }
      chart.resize();
      chart.setOption(kind(data, width), true);
    };
    paint();
    let seen = box.clientWidth;
    new ResizeObserver(() => { if (box.clientWidth !== seen) { seen = box.clientWidth; paint(); } }).observe(box);
  }

  function all(root) {
    if (!window.echarts) return;
    root.querySelectorAll("[data-chart]:not(.drawn)").forEach(draw);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => all(document));
  else all(document);
  document.addEventListener("htmx:load", (event) => all(event.detail.elt));
})();
