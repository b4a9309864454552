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

    function show() {
      const frame = frames[+input.value];
      if (+input.value !== shown) stage.innerHTML = frame.html;
      shown = +input.value;
      readout.textContent = frame.readout;
      input.setAttribute("aria-valuetext", frame.readout);
    }

    input.addEventListener("input", show);
    // A finger that turns out to scroll the page leaves the slider where it was.
    let before = input.value;
    input.addEventListener("pointerdown", () => { before = input.value; }, true);
    input.addEventListener("pointercancel", () => { input.value = before; show(); });
    figure.dataset.pgReady = "";
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".pg-frames:not([data-pg-ready])").forEach(start);
  });
})();
