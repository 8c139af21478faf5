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
    light.className = lacks > 0n ? "light red" : "light green";
    light.textContent = lacks > 0n ? `${downward ? "超出" : "还差"} ${show(lacks)} ${unit}` : "已分足";
    const extra = lacks < 0n ? `，${downward ? "留有余量" : "多出"} ${show(-lacks)} ${unit}` : "";
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
    for (const line of lines) {
      const cells = line.split("\t").map((cell) => cell.trim());
      const value = cells[cells.length - 1];
      const named = cells.length > 1 && all.find((other) => other.dataset.name === cells[0] || other.dataset.code === cells[0]);
      const into = named || (cells.length === 1 ? all[at++] : null);
      if (!into || parse(value) === null) continue;
      into.value = value;
      into.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  say();
})();
