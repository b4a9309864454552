/* Moves the sliders of a page. The frames that are not shown are texts: they cost nothing until they are. */
(() => {
  "use strict";

  function start(figure) {
    const input = figure.querySelector("input");
    const readout = figure.querySelector("output");
    const stage = figure.querySelector("div.pg-frame");
    const frames = [...figure.querySelectorAll("script.pg-frame")].map(({ text, dataset }) => ({ html: text, ...dataset }));
    frames.splice(+input.value, 0, { html: stage.innerHTML, ...stage.dataset });
    let shown = +input.value;
    const mark = stage.querySelector("svg")?.id; // a chapter's opening draws what is shown
    const outcome = figure.querySelector(".pg-outcome > .pg-check");

    // The formula of what is compared stays; its verdict, its colour and its number change.
    function judge({ verdict, mark, finding }) {
      outcome.className = `pg-check is-${verdict}`;
      const chip = outcome.querySelector(".pg-chip");
      chip.className = `pg-chip is-${verdict}`;
      chip.firstElementChild.textContent = mark;
      chip.lastChild.textContent = ` ${verdict}`;
      outcome.querySelector(".pg-finding").textContent = `(${finding})`;
    }

    function show() {
      const frame = frames[+input.value];
      if (+input.value !== shown) stage.innerHTML = frame.html;
      if (mark) stage.querySelector("svg").id = mark;
      shown = +input.value;
      readout.textContent = frame.readout;
      input.setAttribute("aria-valuetext", outcome ? `${frame.readout}: ${frame.verdict}, ${frame.finding}` : frame.readout);
      if (outcome) judge(frame);
    }

    // Once, from the frame that is named to the one at the start, unless the reader moves it or wants no motion.
    function play(from) {
      const to = +input.value;
      const step = Math.sign(to - from);
      let next = performance.now() + 1200;
      let playing = true;
      for (const event of ["pointerdown", "keydown", "input"]) {
        input.addEventListener(event, () => { playing = false; }, { capture: true, once: true });
      }
      input.value = from;
      show();
      requestAnimationFrame(function move(now) {
        if (!playing) return;
        if (now >= next) {
          input.value = +input.value + step;
          show();
          next = now + 130;
        }
        if (+input.value !== to) requestAnimationFrame(move);
      });
    }

    input.addEventListener("input", show);
    // A finger that turns out to scroll the page leaves the slider where it was.
    let before = input.value;
    input.addEventListener("pointerdown", () => { before = input.value; }, true);
    input.addEventListener("pointercancel", () => { input.value = before; show(); });
    figure.dataset.pgReady = "";
    if (figure.dataset.plays && !matchMedia("(prefers-reduced-motion: reduce)").matches) play(+figure.dataset.plays);
  }

  const startAll = (part) => part.querySelectorAll(".pg-frames:not([data-pg-ready])").forEach(start);
  document.addEventListener("DOMContentLoaded", () => startAll(document));
  document.addEventListener("pg-shown", (event) => startAll(event.target)); // what a run in the page shows
})();
