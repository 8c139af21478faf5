/* The review page with a script: the pair scrolls together, decisions change one card, selected words can be added.
   Everything here also works without it: links to anchors and plain forms. */
"use strict";
(function () {
  const words = document.querySelector(".words");
  if (!words) return;
  const pane = document.getElementById("text");
  const isPair = () => getComputedStyle(pane).position === "sticky";

  function mark(number) {
    document.querySelectorAll(".shown").forEach((it) => it.classList.remove("shown"));
    words.querySelectorAll(".q").forEach((it) => {
      if (it.dataset.numbers.split(" ").includes(String(number))) it.classList.add("shown");
    });
    const card = document.getElementById("f" + number);
    if (card) card.classList.add("shown");
  }
  function show(number, what) {
    mark(number);
    const it = document.getElementById(what + number);
    if (it) it.scrollIntoView({ block: what === "q" ? "center" : "nearest" });
  }

  const asked = location.hash.match(/^#([fq])(\d+)$/);
  if (asked && isPair()) show(asked[2], asked[1] === "f" ? "q" : "f");

  document.addEventListener("click", (event) => {
    const quote = event.target.closest(".q");
    if (quote && window.getSelection().isCollapsed) {
      event.preventDefault();
      show(quote.dataset.numbers.trim().split(" ")[0], "f");
      return;
    }
    const card = event.target.closest(".finding");
    if (!card || event.target.closest("form, summary, .button, .quiet")) return;
    if (event.target.closest(".place")) event.preventDefault();
    else if (!isPair()) return;
    show(card.dataset.number, "q");
  });

  /* one decision, one card */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const card = form.closest(".finding");
    if (!card) return;
    event.preventDefault();
    card.classList.add("busy");
    const told = (sentence) => {
      card.classList.remove("busy");
      let note = card.querySelector(".note");
      if (!note) {
        note = document.createElement("p");
        note.className = "note error";
        note.setAttribute("role", "alert");
        card.querySelector(".deeds").before(note);
      }
      note.textContent = sentence;
    };
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    let answer;
    try {
      answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Heqing-Piece": "card", ...(token ? { "X-CSRFToken": token[1] } : {}) },
      });
    } catch (error) {
      return told("没有办理：连不上服务器。请检查网络后再点一次，所填内容仍在。");
    }
    if (answer.headers.get("X-Heqing-Piece") !== "card") {
      if (answer.status === 403) return told("没有办理：您没有核对这份文件的权限，或页面已过期。请刷新页面后再试。");
      if (answer.redirected) return told("没有办理：登录已过期。请在另一个窗口登录后再点一次，所填内容仍在。");
      return told("没有办理：服务器出错。请稍后再点一次，所填内容仍在。");
    }
    const piece = document.createElement("template");
    piece.innerHTML = await answer.text();
    const fresh = piece.content.querySelector(".finding");
    const progress = piece.content.querySelector(".progress");
    card.replaceWith(fresh);
    if (progress) document.getElementById("progress").replaceWith(progress);
    const state = ["proposed", "accepted", "rejected"].find((it) => fresh.classList.contains(it));
    words.querySelectorAll(".q").forEach((it) => {
      if (it.dataset.numbers.trim().split(" ")[0] !== fresh.dataset.number) return;
      it.classList.remove("proposed", "accepted", "rejected");
      it.classList.add(state);
    });
    mark(fresh.dataset.number);
    if (state !== "proposed") {
      const next = fresh.nextElementSibling;
      const button = next && next.querySelector(".proposed button.main, button.main");
      (button || fresh).focus({ preventScroll: !next });
      if (next && next.dataset.number) {
        next.scrollIntoView({ block: "nearest" });
        if (isPair()) show(next.dataset.number, "q");
      }
    }
  });

  /* selected words go along to the form of a new finding */
  const link = document.getElementById("by-hand");
  if (link) {
    const plain = link.getAttribute("href");
    document.addEventListener("selectionchange", () => {
      const selection = window.getSelection();
      const said = selection.isCollapsed || !words.contains(selection.anchorNode) ? "" : selection.toString().trim();
      if (!said || said.length > 400) return link.setAttribute("href", plain);
      const range = selection.getRangeAt(0);
      const holder = range.startContainer.parentElement.closest("[data-start]");
      const before = holder ? Array.from(range.startContainer.textContent.slice(0, range.startOffset)).length : 0;
      const near = holder ? Number(holder.dataset.start) + before : 0;
      link.setAttribute("href", plain + "?" + new URLSearchParams({ words: said, near: String(near) }));
    });
  }
})();
