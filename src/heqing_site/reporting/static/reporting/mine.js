// Saves each row of a unit's reports as it is typed. Without this script the buttons of the page do the same.
"use strict";

const form = document.querySelector("form.owes");
const token = form?.querySelector("[name=csrfmiddlewaretoken]").value;
const busy = new Map();

async function save(row) {
  const sent = new FormData();
  sent.append("csrfmiddlewaretoken", token);
  sent.append("only", row.dataset.key);
  for (const field of row.querySelectorAll("input:not([type=file]), select, textarea")) sent.append(field.name, field.value);
  const kept = row.querySelector(".kept");
  kept.textContent = "正在保存…";
  try {
    const answer = await fetch(form.dataset.row, { method: "POST", body: sent, headers: { Accept: "application/json" } });
    const told = await answer.json();
    for (const old of row.querySelectorAll(".note.by-script")) old.remove();
    row.classList.toggle("wrong", told.faults.length > 0);
    for (const fault of told.faults) {
      const note = document.createElement("p");
      note.className = "note error by-script";
      note.setAttribute("role", "alert");
      note.textContent = fault;
      row.querySelector(".typed").prepend(note);
    }
    if (answer.ok) row.querySelector("input[name^='seen-']").value = told.seen;
    kept.textContent = told.faults.length ? "没有保存" : told.said;
  } catch {
    kept.textContent = "没有保存：网络不通或登录已过期。填的内容还在，请稍后点“保存”。";
  }
}

form?.addEventListener("change", (event) => {
  const row = event.target.closest(".owe");
  if (!row) return;
  if (event.target.type === "file") {
    const names = [...row.querySelectorAll("input[type=file]")].flatMap((field) => [...field.files]).map((file) => file.name);
    row.querySelector(".picked").textContent = names.length ? `${names.join("、")}（点“保存”后上传）` : "";
    return;
  }
  const before = busy.get(row) ?? Promise.resolve();
  const saving = before.then(() => save(row)).finally(() => {
    if (busy.get(row) === saving) busy.delete(row);
  });
  busy.set(row, saving);
});

// A button that is pressed while a row is still being saved waits for it: the page must send the version just saved.
form?.addEventListener("submit", async (event) => {
  if (busy.size === 0) return;
  event.preventDefault();
  const pressed = event.submitter;
  while (busy.size > 0) await Promise.all(busy.values());
  // Only once this event is over: a form that is asked to submit again while it still submits does nothing.
  setTimeout(() => form.requestSubmit(pressed), 0);
});
