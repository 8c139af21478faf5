/* The review page with a script: keys, cards that change in place, a pair that goes together, words that are selected.
   Everything here also works without it: links to anchors, pages of their own and plain forms. */
"use strict";
(function () {
  const words = document.querySelector(".words");
  if (!words) return;
  const root = document.documentElement;
  const pane = document.getElementById("text");
  const list = document.getElementById("findings");
  const pair = document.getElementById("pair");
  const told = document.getElementById("told");
  const said = document.getElementById("sentences").dataset;
  const keys = document.getElementById("keys");
  const rejecting = document.getElementById("rejecting");
  root.classList.add("js");

  const isPair = () => getComputedStyle(pane).position === "sticky";
  const cards = () => Array.from(list.querySelectorAll(".finding"));
  const cardOf = (number) => document.getElementById("f" + number);
  const isLeft = (card) => card.classList.contains("proposed") && !card.classList.contains("busy");
  const say = (sentence) => { told.textContent = sentence; };
  let current = null;

  /* --- one finding at a time, on both sides --- */

  function quotes(number) {
    return Array.from(words.querySelectorAll('.q[data-numbers~="' + number + '"]'));
  }
  function mark(name, number) {
    document.querySelectorAll("." + name).forEach((it) => it.classList.remove(name));
    if (number === null) return;
    quotes(number).forEach((it) => it.classList.add(name));
    const card = cardOf(number);
    if (card) card.classList.add(name);
  }
  let quiet = 0; /* until when scrolling is our own doing */
  function bring(it, block) {
    if (!it) return;
    quiet = performance.now() + 250;
    it.scrollIntoView({ block });
  }
  function go(number, { focus = true, from = "" } = {}) {
    const card = cardOf(number);
    if (!card) return;
    current = String(number);
    mark("shown", current);
    list.querySelectorAll("[aria-current]").forEach((it) => it.removeAttribute("aria-current"));
    card.setAttribute("aria-current", "true");
    if (isPair()) {
      if (from !== "text") bring(document.getElementById("q" + current), "center");
      if (from !== "card") bring(card, from === "text" ? "center" : "nearest");
    } else if (from === "text") {
      show("findings");
      bring(card, "start");
    } else if (from === "place") {
      show("text");
      bring(document.getElementById("q" + current), "center");
    } else {
      bring(card, "start");
    }
    if (focus) card.focus({ preventScroll: true });
  }
  function step(by) {
    const all = cards();
    if (!all.length) return;
    const at = all.findIndex((it) => it.dataset.number === current);
    const to = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by));
    go(all[to].dataset.number);
  }
  function goOn() {
    const all = cards();
    const at = all.findIndex((it) => it.dataset.number === current);
    const next = all.slice(at + 1).concat(all.slice(0, at + 1)).find(isLeft);
    if (next) return go(next.dataset.number);
    if (!cardOf(current)) return;
    go(current);
    say(said.done);
  }

  /* --- the switch of a narrow screen --- */

  function show(which) {
    pair.dataset.pane = which;
    document.querySelectorAll("[data-pane].chip").forEach((it) => it.setAttribute("aria-pressed", it.dataset.pane === which));
  }
  show(location.hash.startsWith("#q") || location.hash === "#text" ? "text" : "findings");
  document.querySelectorAll("[data-pane].chip").forEach((it) =>
    it.addEventListener("click", (event) => {
      event.preventDefault();
      show(it.dataset.pane);
      if (current) bring(it.dataset.pane === "text" ? document.getElementById("q" + current) : cardOf(current), "center");
    })
  );

  /* --- the pair scrolls together --- */

  let asked = 0;
  function follow(source) {
    if (!isPair() || performance.now() < quiet || asked) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      const fromCards = source === list;
      const marks = fromCards ? cards() : Array.from(words.querySelectorAll("i[data-n]"));
      const top = source.getBoundingClientRect().top + 60;
      let low = 0, high = marks.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (marks[middle].getBoundingClientRect().bottom < top) low = middle + 1; else high = middle;
      }
      const first = marks[Math.min(low, marks.length - 1)];
      if (!first) return;
      const other = fromCards ? document.getElementById("q" + first.dataset.number) : cardOf(first.dataset.n);
      if (!other) return;
      const there = fromCards ? pane : list;
      quiet = performance.now() + 120;
      there.scrollTop += other.getBoundingClientRect().top - there.getBoundingClientRect().top - 60;
    });
  }
  [pane, list].forEach((it) => it.addEventListener("wheel", () => { quiet = 0; asked || setTimeout(() => follow(it), 30); }, { passive: true }));
  [pane, list].forEach((it) => it.addEventListener("touchmove", () => follow(it), { passive: true }));

  document.addEventListener("mouseover", (event) => {
    const quote = event.target.closest(".q");
    const card = event.target.closest(".finding");
    const number = quote ? quote.dataset.numbers.trim().split(" ")[0] : card ? card.dataset.number : null;
    mark("near", number);
  });

  /* --- asking the server --- */

  const waiting = new Set();
  async function ask(address, body, piece) {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    let answer;
    try {
      answer = await fetch(address, {
        method: body ? "POST" : "GET",
        body,
        headers: { "X-Heqing-Piece": piece, ...(token && body ? { "X-CSRFToken": token[1] } : {}) },
      });
    } catch (error) {
      throw new Error(said.offline);
    }
    const given = answer.headers.get("X-Heqing-Piece");
    if (!given) {
      throw new Error(answer.status === 403 ? said.forbidden : answer.redirected ? said.login : said.broken);
    }
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    return { ok: answer.ok, given, content: holder.content };
  }
  function complain(card, sentence) {
    card.classList.remove("busy");
    let note = card.querySelector(".note");
    if (!note) {
      note = document.createElement("p");
      note.className = "note error";
      note.setAttribute("role", "alert");
      (card.querySelector(".deeds, form") || card.lastElementChild).before(note);
    }
    note.textContent = sentence;
  }
  const stateOf = (card) => ["proposed", "accepted", "rejected"].find((it) => card.classList.contains(it));
  function put(content) {
    const fresh = Array.from(content.querySelectorAll(".finding"));
    const progress = content.querySelector(".progress");
    fresh.forEach((card) => {
      const old = cardOf(card.dataset.number);
      if (!old) return;
      const was = stateOf(old), state = stateOf(card);
      if (was !== state) [[was, -1], [state, 1]].forEach(([it, by]) => {
        const count = document.querySelector('[data-count="' + it + '"]');
        if (count) count.textContent = Number(count.textContent) + by;
      });
      const isHere = document.activeElement && old.contains(document.activeElement);
      old.replaceWith(card);
      quotes(card.dataset.number).forEach((it) => {
        if (it.dataset.numbers.trim().split(" ")[0] !== card.dataset.number) return;
        it.classList.remove("proposed", "accepted", "rejected");
        it.classList.add(state);
      });
      if (card.dataset.number === current) {
        mark("shown", current);
        card.setAttribute("aria-current", "true");
        if (isHere) card.focus({ preventScroll: true });
      }
    });
    if (progress) document.getElementById("progress").replaceWith(progress);
    return fresh;
  }
  async function decide(card, address, body, { onward = true } = {}) {
    if (card.classList.contains("busy")) return;
    card.classList.add("busy");
    say("");
    if (onward && card.dataset.number === current) goOn();
    const running = ask(address, body, "card");
    waiting.add(running);
    try {
      const { ok, content } = await running;
      put(content);
      if (!ok) go(card.dataset.number);
    } catch (error) {
      complain(card, error.message);
      go(card.dataset.number);
    } finally {
      waiting.delete(running);
    }
  }
  function bodyOf(card) {
    const body = new FormData();
    body.append("seen", card.dataset.seen);
    return body;
  }
  const may = (card, deed) => Boolean(card && card.querySelector(deed === "accept" ? "button.main" : '[data-deed="' + deed + '"]'));
  const deedOf = (card, deed) => card.dataset.deeds + deed + "/";

  function accept(card) {
    if (card.classList.contains("proposed") && may(card, "accept")) decide(card, deedOf(card, "accept"), bodyOf(card));
  }
  async function undo() {
    await Promise.allSettled(Array.from(waiting));
    try {
      const { content } = await ask(document.getElementById("undo").action, new FormData(), "card");
      const fresh = put(content);
      if (!fresh.length) return say(said.nothing);
      go(fresh[0].dataset.number);
      say(said.undone + "：" + fresh.map((it) => it.dataset.number).join("、"));
    } catch (error) {
      say(error.message);
    }
  }

  /* --- forms that open in a card --- */

  function close() {
    list.querySelectorAll(".correcting, .rejecting").forEach((it) => it.remove());
    list.querySelectorAll(".editing").forEach((it) => it.classList.remove("editing"));
    if (keys) keys.open = false;
  }
  function open(card, form) {
    close();
    card.classList.add("editing");
    card.append(form);
    bring(card, "nearest");
  }
  async function correct(card) {
    if (!may(card, "correct")) return;
    go(card.dataset.number, { from: "card" });
    try {
      const { content } = await ask(deedOf(card, "correct"), null, "form");
      const form = content.querySelector("form");
      open(card, form);
      form.elements.indicator.focus();
      form.elements.indicator.select();
    } catch (error) {
      complain(card, error.message);
    }
  }
  function reject(card) {
    if (!card.classList.contains("proposed") || !may(card, "reject")) return;
    go(card.dataset.number, { from: "card" });
    const form = rejecting.content.querySelector("form").cloneNode(true);
    form.action = deedOf(card, "reject");
    form.elements.seen.value = card.dataset.seen;
    open(card, form);
    form.elements.other.focus();
  }
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.id === "undo") {
      event.preventDefault();
      return undo();
    }
    const card = form.closest(".finding");
    if (!card) return;
    event.preventDefault();
    current = card.dataset.number;
    const body = new FormData(form, event.submitter);
    if (!form.classList.contains("correcting")) {
      const onward = !form.action.includes("/reopen/");
      if (form.classList.contains("rejecting")) {
        if (!(body.get("because") || body.get("other").trim())) return form.elements.other.focus();
        close();
      }
      return decide(card, form.action, body, { onward });
    }
    card.classList.add("busy");
    try {
      const { given, content } = await ask(form.action, body, "form");
      card.classList.remove("busy");
      if (given === "form") {
        const again = content.querySelector("form");
        form.replaceWith(again);
        const wrong = again.querySelector(".wrong input, .wrong select, .wrong textarea, input:not([type=hidden])");
        if (wrong) wrong.focus();
        return;
      }
      put(content);
      goOn();
    } catch (error) {
      complain(card, error.message);
    }
  });

  /* names of indicators while typing */
  let soon = 0;
  list.addEventListener("input", (event) => {
    if (event.target.name !== "indicator") return;
    clearTimeout(soon);
    const form = event.target.form;
    soon = setTimeout(async () => {
      const holder = form.querySelector(".names");
      const query = new URLSearchParams({ indicator: event.target.value, unit: form.elements.unit.value, pillar: form.elements.pillar.value });
      try {
        const { content } = await ask(holder.dataset.names + "?" + query, null, "names");
        holder.replaceChildren(content);
      } catch (error) { /* the names shown before stay */ }
    }, 120);
  });
  list.addEventListener("click", (event) => {
    const offer = event.target.closest(".offer");
    if (!offer) return;
    const input = offer.closest("form").elements.indicator;
    input.value = offer.textContent;
    input.focus();
  });

  /* --- selected words --- */

  function picked() {
    const selection = window.getSelection();
    if (selection.isCollapsed || !words.contains(selection.anchorNode)) return null;
    const text = selection.toString().trim();
    const range = selection.getRangeAt(0);
    const holder = range.startContainer.parentElement.closest("[data-start]");
    const before = holder ? Array.from(range.startContainer.textContent.slice(0, range.startOffset)).length : 0;
    return text && text.length <= 1000 ? { words: text, near: holder ? Number(holder.dataset.start) + before : 0 } : null;
  }
  const links = ["by-hand", "noise-line"].map((id) => document.getElementById(id)).filter(Boolean);
  const plain = new Map(links.map((it) => [it, it.getAttribute("href")]));
  function point(it, found) {
    it.setAttribute("href", plain.get(it) + (found ? "?" + new URLSearchParams(found) : ""));
  }
  document.addEventListener("selectionchange", () => {
    const found = picked();
    links.forEach((it) => found && point(it, found));
    const form = list.querySelector(".correcting");
    if (!found || !form) return;
    form.elements.words.value = found.words;
    form.elements.near.value = found.near;
    form.querySelector(".f-words").classList.add("taken");
  });
  words.addEventListener("click", (event) => {
    const noise = document.getElementById("noise-line");
    const place = event.target.closest("[data-start]");
    const selection = window.getSelection();
    if (!noise || !place || !selection.isCollapsed || !selection.anchorNode) return;
    const inside = place.contains(selection.anchorNode) ? Array.from(selection.anchorNode.textContent.slice(0, selection.anchorOffset)).length : 0;
    point(noise, { near: Number(place.dataset.start) + inside });
  });

  /* --- mouse --- */

  document.addEventListener("click", (event) => {
    const quote = event.target.closest(".q");
    if (quote) {
      event.preventDefault();
      if (!window.getSelection().isCollapsed || list.querySelector(".correcting")) return;
      const numbers = quote.dataset.numbers.trim().split(" ");
      const at = numbers.indexOf(current);
      return go(numbers[(at + 1) % numbers.length], { from: "text", focus: false });
    }
    const card = event.target.closest(".finding");
    if (!card) return;
    const deed = event.target.closest("[data-deed]");
    if (deed && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      return deed.dataset.deed === "correct" ? correct(card) : reject(card);
    }
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      close();
      return go(card.dataset.number, { from: "card" });
    }
    if (event.target.closest(".place")) {
      event.preventDefault();
      return go(card.dataset.number, { from: "place" });
    }
    if (event.target.closest("form, summary, a, button") || !window.getSelection().isCollapsed) return;
    go(card.dataset.number, { from: "card", focus: false });
  });

  /* --- keys --- */

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const at = event.target;
    const form = at.closest && at.closest(".correcting, .rejecting");
    if (event.key === "Escape") {
      const card = form && form.closest(".finding");
      close();
      if (card) go(card.dataset.number, { from: "card" });
      return;
    }
    if (form) {
      if (form.classList.contains("rejecting") && /^[1-9]$/.test(event.key) && !form.elements.other.value) {
        const reason = form.querySelectorAll(".reasons button")[Number(event.key) - 1];
        if (reason) {
          event.preventDefault();
          reason.click();
        }
      } else if (at.name === "indicator" && event.key === "ArrowDown") {
        const offer = form.querySelector(".offer");
        if (offer) { event.preventDefault(); offer.focus(); }
      } else if (at.classList.contains("offer") && /^Arrow/.test(event.key)) {
        event.preventDefault();
        const back = event.key === "ArrowUp" || event.key === "ArrowLeft";
        (back ? at.previousElementSibling || form.elements.indicator : at.nextElementSibling || at).focus();
      }
      return;
    }
    if (at.closest && at.closest("input, select, textarea, [contenteditable]")) return;
    const onButton = at.closest && at.closest("button, a, summary");
    const card = current ? cardOf(current) : null;
    const deeds = {
      j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
      a: () => card ? accept(card) : goOn(),
      Enter: () => card ? accept(card) : goOn(),
      e: () => card && correct(card), r: () => card && reject(card), u: undo,
      w: () => { const why = card && card.querySelector(".why"); if (why) why.open = !why.open; },
      n: () => { const found = picked(); const link = document.getElementById("by-hand"); if (!link) return; if (found) location.href = link.href; else say(said.pick); },
      b: () => { const bulk = document.getElementById("bulk"); if (bulk) bulk.click(); },
      "?": () => { if (keys) keys.open = !keys.open; },
    };
    if (!deeds[event.key] || (event.key === "Enter" && onButton)) return;
    if (["u", "n"].includes(event.key) && !document.getElementById("undo")) return;
    event.preventDefault();
    deeds[event.key]();
  });
  document.addEventListener("click", (event) => {
    if (keys && keys.open && !event.target.closest("#keys")) keys.open = false;
  });

  /* filters apply when chosen */
  const filters = document.getElementById("filters");
  if (filters) filters.addEventListener("change", () => filters.requestSubmit());

  /* where to begin */
  const asking = location.hash.match(/^#([fq])(\d+)$/);
  if (asking && cardOf(asking[2])) go(asking[2], { from: asking[1] === "q" ? "place" : "" });
  else if (isPair()) {
    const first = cards().find(isLeft);
    if (first && !location.hash) go(first.dataset.number);
  }
})();
