// While numbers are typed: the sum and what lacks; cells pasted from Excel are spread over the table.
// Without this file the server says the same after 预览.
(() => {
  const form = document.querySelector("form.split, form.plan");
  if (!form) return;
  const fields = () => [...form.querySelectorAll("input.part")];
  // Exact: whole steps of a grid as BigInt, never floating point.
  const PLACES = 12;
  const parse = (typed) => {
    const plain = typed.trim().replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[,，\s]/g, "").replace(/．/g, ".");
    const found = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(plain);
    if (!found || !(found[2] || found[3]) || (found[3] || "").length > PLACES) return null;
    return BigInt((found[1] === "-" ? "-" : "") + (found[2] || "0") + (found[3] || "").padEnd(PLACES, "0"));
  };
  const show = (steps) => {
    const sign = steps < 0n ? "-" : "";
    const digits = (steps < 0n ? -steps : steps).toString().padStart(PLACES + 1, "0");
    const fraction = digits.slice(-PLACES).replace(/0+$/, "");
    return sign + digits.slice(0, -PLACES) + (fraction && "." + fraction);
  };

  const gap = document.getElementById("gap");
  const total = document.getElementById("total");
  const bound = parse(form.dataset.bound || "");
  const say = () => {
    if (!gap || !form.dataset.addsUp || bound === null) return;
    let sum = parse(form.dataset.others || "0") || 0n;
    for (const field of fields()) {
      const row = field.closest("tr");
      const isIn = row.querySelector('input[name^="in."]').checked;
      const isBack = row.querySelector('input[name^="back."]')?.checked;
      const value = field.value.trim() ? parse(field.value) : 0n;
      field.toggleAttribute("aria-invalid", value === null);
      if (isIn && !isBack && value !== null) sum += value;
    }
    const downward = Boolean(form.dataset.downward);
    const lacks = downward ? sum - bound : bound - sum;
    const unit = form.dataset.unit;
    const light = document.createElement("span");
    const over = lacks < 0n && !downward;
    light.className = lacks > 0n ? "light red" : over ? "light yellow" : "light green";
    light.textContent = lacks > 0n ? `${downward ? "超出" : "还差"} ${show(lacks)} ${unit}` : over ? `已分足，多分 ${show(-lacks)} ${unit}` : "已分足";
    const extra = lacks < 0n && downward ? `，留有余量 ${show(-lacks)} ${unit}` : "";
    gap.replaceChildren(light, `　合计 ${show(sum)} ${unit}，上级目标 ${show(bound)} ${unit}${extra}。`);
    if (total) total.textContent = show(sum);
  };
  form.addEventListener("input", (event) => {
    const field = event.target;
    if (field.classList.contains("part") && field.value.trim()) {
      const tick = field.closest("tr").querySelector('input[name^="in."]');
      if (tick) tick.checked = true;
    }
    say();
  });

  form.addEventListener("paste", (event) => {
    const field = event.target;
    if (!field.classList?.contains("part")) return;
    const lines = event.clipboardData.getData("text").replace(/\r/g, "").replace(/\n+$/, "").split("\n");
    if (lines.length < 2 && !lines[0].includes("\t")) return;
    event.preventDefault();
    const all = fields();
    let at = all.indexOf(field);
    const placed = [];
    for (const line of lines) {
      const cells = line.split("\t").map((cell) => cell.trim());
      const value = cells[cells.length - 1];
      const named = cells.length > 1 && all.find((other) => other.dataset.name === cells[0] || other.dataset.code === cells[0]);
      const into = named || (cells.length === 1 ? all[at++] : null);
      if (into && parse(value) !== null) placed.push([into, value, Boolean(named)]);
    }
    if (placed.length < lines.length) {
      // A line that finds no row is never dropped: the server reads all of them and names those it does not know.
      const box = form.querySelector("textarea[name=pasted]");
      box.closest("details")?.setAttribute("open", "");
      box.value = lines.join("\n");
      box.focus();
      box.scrollIntoView({ block: "center" });
      return;
    }
    if (placed.every(([, , named]) => named)) {
      // Named rows are the whole split: rows that are not among them, and stand for no part yet, are left out.
      for (const other of all) {
        const row = other.closest("tr");
        if (row.querySelector('input[name^="back."]') || placed.some(([into]) => into === other)) continue;
        const tick = row.querySelector('input[name^="in."]');
        if (tick) tick.checked = false;
      }
    }
    for (const [into, value] of placed) {
      into.value = value;
      into.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  say();
})();
