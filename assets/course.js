/* What the theme and the widget manager leave undone: scrolling by keyboard, names of sliders, and formulas in widgets. */
(() => {
  "use strict";

  // The widget manager typesets with MathJax 2, which this site does not have: pass its calls on to MathJax 3.
  document.addEventListener("DOMContentLoaded", () => {
    const mathjax = window.MathJax;
    if (!mathjax || mathjax.Hub) return;
    mathjax.Hub = {
      Queue: ([, , element]) => mathjax.startup?.promise?.then(() => mathjax.typesetPromise([element])),
    };
  });

  // A box that scrolls is reached by the keyboard.
  const BOXES = "div.math, mjx-container, .ledger-formula, div.cell_output, .bd-article table, .bd-article pre";

  function markWideBoxes() {
    for (const formula of document.querySelectorAll(".bd-article mjx-container:not([display])")) {
      formula.classList.remove("pg-wide");
      const line = formula.closest("p, li, td, th, dd, dt, figcaption, div");
      const wide = line && formula.getBoundingClientRect().width > line.clientWidth + 1;
      formula.classList.toggle("pg-wide", Boolean(wide) && !formula.closest(".ledger-formula"));
    }
    for (const cell of document.querySelectorAll(".ledger-formula")) {
      const row = cell.closest("tr");
      row.classList.remove("has-long-formula");
      row.classList.toggle("has-long-formula", cell.scrollWidth > cell.clientWidth + 1);
    }
    for (const box of document.querySelectorAll(BOXES)) {
      const scrolls = box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX);
      if (scrolls && !box.hasAttribute("tabindex")) {
        box.tabIndex = 0;
        box.dataset.pgScrolls = "";
      } else if (!scrolls && "pgScrolls" in box.dataset) {
        box.removeAttribute("tabindex");
        delete box.dataset.pgScrolls;
      }
    }
  }

  // A slider says its name, and its value as the reader sees it rather than the number of the frame.
  function nameSlider(widget) {
    const handle = widget.querySelector("[role=slider]");
    const label = widget.querySelector(".widget-label");
    const readout = widget.querySelector(".widget-readout");
    if (!handle || !readout) return;
    if (widget.closest(".pg-frames") && readout.contentEditable !== "false") readout.contentEditable = "false";
    const name = (label && label.textContent.trim()) || "value";
    const value = readout.textContent.trim();
    if (handle.getAttribute("aria-label") !== name) handle.setAttribute("aria-label", name);
    if (handle.getAttribute("aria-valuetext") !== value) handle.setAttribute("aria-valuetext", value);
  }

  function watchSliders() {
    const selector = ".widget-slider";
    const update = () => document.querySelectorAll(selector).forEach(nameSlider);
    update();
    new MutationObserver((changes) => {
      if (changes.some((change) => change.target.nodeType !== 1 || change.target.closest(".jupyter-widgets, .widget-subarea")
          || [...change.addedNodes].some((node) => node.nodeType === 1))) update();
    }).observe(document.querySelector(".bd-article") || document.body, {
      attributeFilter: ["aria-valuetext"],
      characterData: true,
      childList: true,
      subtree: true,
    });
  }

  // Sphinx gives the entries of a bibliography a role that has been withdrawn.
  function mendBibliography() {
    for (const entry of document.querySelectorAll('[role="doc-biblioentry"]')) entry.setAttribute("role", "listitem");
  }

  let waiting = 0;
  function soon() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(markWideBoxes);
  }

  window.addEventListener("load", () => {
    mendBibliography();
    watchSliders();
    soon();
    const mathjax = window.MathJax && window.MathJax.startup && window.MathJax.startup.promise;
    if (mathjax) mathjax.then(soon);
    window.addEventListener("resize", soon);
    document.addEventListener("toggle", soon, true);
    document.addEventListener("click", () => setTimeout(soon, 50));
  });
})();
