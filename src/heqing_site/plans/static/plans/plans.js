/* The five lists side by side: pointing at an item or choosing it shows its chain. Without this file they stand grouped. */
(function () {
  "use strict";
  document.querySelectorAll("table.ribbon").forEach(function (table) { table.parentNode.scrollLeft = table.scrollWidth; }); // the latest months
  document.querySelectorAll("[data-chain-room]").forEach(function (room) {
    var board = room.querySelector(".board");
    var cards = Array.from(board.querySelectorAll(".one"));
    var kept = null;
    function show(card) {
      var on = card ? card.dataset.chain.split(" ") : [];
      board.classList.toggle("picked", Boolean(card));
      cards.forEach(function (each) { each.classList.toggle("on", on.indexOf(each.dataset.code) >= 0); });
    }
    function keep(card) {
      kept = kept === card ? null : card;
      cards.forEach(function (each) { each.setAttribute("aria-pressed", String(each === kept)); });
      show(kept);
    }
    cards.forEach(function (card) {
      card.addEventListener("mouseenter", function () { show(card); });
      card.addEventListener("mouseleave", function () { show(kept); });
      card.addEventListener("click", function (event) { if (!event.target.closest("a")) { keep(card); } });
      card.addEventListener("keydown", function (event) {
        if (event.target === card && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); keep(card); }
        if (event.key === "Escape") { kept = card; keep(card); }
      });
    });
    room.classList.add("chain-ready");
  });
}());
