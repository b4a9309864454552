/* What the theme leaves undone: boxes that scroll, what is copied, print. */
(() => {
  "use strict";

  // A chapter opens with a picture, which shows what its cell shows: where it draws a slider in the text, the frame that
  // comes in its place, and else a copy of what a run shows, until the cell is reset.
  let asBuilt = null;

  document.addEventListener("pg-shown", ({ target }) => {
    const drawing = target.closest(".tag_opening")?.querySelector(".pg-drawing > svg");
    const opening = document.querySelector(".pg-opening > svg");
    if (!drawing || !opening) return;
    if (opening.querySelector(':scope > use[href="#pg-opening"]')) {
      if (!document.getElementById("pg-opening")) drawing.id = "pg-opening";
    } else {
      asBuilt ??= opening.cloneNode(true);
      showOpening(drawing);
    }
  });
  document.addEventListener("pg-reset", ({ target }) => {
    if (asBuilt && target.closest(".tag_opening")) showOpening(asBuilt);
  });

  function showOpening(drawing) {
    const shown = drawing.cloneNode(true);
    shown.id = "pg-opening";
    shown.style.minWidth = "";
    document.querySelector(".pg-opening > svg").replaceWith(shown);
  }

  // A box that scrolls is reached by the keyboard, and says at which edge more is hidden.
  const BOXES = [
    "div.math", "mjx-container", ".ledger-formula", "div.cell_output", "pre", ".pg-drawing", ".pg-table",
    ".pst-scrollable-table-container",
  ].map((box) => `.bd-article ${box}`).join();

  function showHiddenEdges(box) {
    const edges = [];
    if (box.scrollLeft > 1) edges.push("start");
    if (box.scrollLeft + box.clientWidth < box.scrollWidth - 1) edges.push("end");
    const text = edges.join(" ");
    if (box.dataset.pgMore !== text) box.dataset.pgMore = text;
  }

  // To ask how wide a box is sets the section that it stands in: those that are not seen yet are left for later.
  const isSet = (part) => part.checkVisibility?.({ contentVisibilityAuto: true }) ?? true;

  function markWideBoxes() {
    for (const formula of document.querySelectorAll(".bd-article :is(p, li, .pg-words) mjx-container:not([display])")) {
      if (!isSet(formula)) continue;
      formula.classList.remove("pg-wide");
      const cell = formula.closest("td, th");
      if (cell && getComputedStyle(cell).display === "table-cell") continue; // the table scrolls
      const line = formula.closest("p, li, .pg-words");
      formula.classList.toggle("pg-wide", formula.getBoundingClientRect().width > line.clientWidth + 1);
    }
    for (const box of document.querySelectorAll(BOXES)) {
      if (!isSet(box)) continue;
      const scrolls = box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX);
      if (scrolls) showHiddenEdges(box);
      else delete box.dataset.pgMore;
      if (scrolls && box.tabIndex !== 0) {
        box.tabIndex = 0;
        box.dataset.pgScrolls = "";
      } else if (!scrolls && "pgScrolls" in box.dataset) {
        box.removeAttribute("tabindex");
        delete box.dataset.pgScrolls;
      }
    }
  }

  // Bootstrap's mark of where one is in the contents of a page sets all of the page. It comes where these stand beside it.
  // The page of the search, which has no contents, runs this before it has a body.
  const narrow = matchMedia("(max-width: 1199.98px)");
  if (narrow.matches && document.body?.dataset.bsSpy) {
    const { bsTarget: target, bsRootMargin: rootMargin } = document.body.dataset;
    delete document.body.dataset.bsSpy;
    narrow.addEventListener("change", () => new window.bootstrap.ScrollSpy(document.body, { target, rootMargin }), { once: true });
  }

  // What is folded away is text in a <noscript> until it is opened.
  const waitingIn = (block) => block.querySelector(":scope > noscript.pg-unopened");

  function unfold(block) {
    const waiting = waitingIn(block);
    if (!waiting) return;
    waiting.insertAdjacentHTML("afterend", waiting.textContent);
    waiting.remove();
    giveCopyButtons(block);
    block.dispatchEvent(new Event("pg-unfolded", { bubbles: true }));
    soon();
  }

  // sphinx-copybutton made its buttons when the page was loaded; a click on any button of their class is theirs.
  function giveCopyButtons(block) {
    const model = document.querySelector("button.copybtn");
    if (!model) return;
    for (const code of block.querySelectorAll("div.highlight > pre:not(:has(+ button.copybtn, > button.copybtn))")) {
      code.id ||= `unfolded-${document.querySelectorAll("pre[id]").length}`;
      const button = model.cloneNode(true);
      button.dataset.clipboardTarget = `#${code.id}`;
      code.after(button);
    }
  }

  // The place that the address names may be in a fold.
  function unfoldPlace() {
    const id = decodeURIComponent(location.hash.slice(1));
    if (!id) return;
    for (const waiting of document.querySelectorAll("noscript.pg-unopened")) {
      const content = new DOMParser().parseFromString(waiting.textContent, "text/html");
      if (content.getElementById(id)) unfold(waiting.parentElement);
    }
    const place = document.getElementById(id);
    for (let fold = place?.closest("details:not([open])"); fold; fold = fold.parentElement.closest("details:not([open])")) fold.open = true;
    if (place?.closest("details")) place.scrollIntoView();
  }

  function unfoldAll() {
    for (const waiting of document.querySelectorAll("noscript.pg-unopened")) unfold(waiting.parentElement);
  }

  document.addEventListener("click", (event) => {
    const summary = event.target.closest?.("summary");
    if (summary) unfold(summary.parentElement);
  }, true);
  document.addEventListener("toggle", (event) => {
    if (event.target.open) unfold(event.target);
  }, true);
  document.addEventListener("pg-unfold", (event) => unfold(event.target)); // what is in it is used while it is closed
  // The browser searches elements only.
  document.addEventListener("keydown", (event) => {
    if (event.key === "F3" || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f")) unfoldAll();
  });
  window.addEventListener("hashchange", unfoldPlace);
  document.addEventListener("DOMContentLoaded", unfoldPlace);

  // On paper, everything is open.
  const opened = [];
  function openAll() {
    for (const block of document.querySelectorAll(".bd-article details.dropdown:not([open])")) {
      unfold(block);
      block.open = true;
      opened.push(block);
    }
  }

  // A page that is opened from the search marks what was looked for, until something is clicked or Escape is pressed.
  function markFound() {
    let found = null;
    try {
      found = JSON.parse(sessionStorage.getItem("pg-found"));
      sessionStorage.removeItem("pg-found");
    } catch { /* nothing is kept */ }
    if (found?.page !== location.pathname || !found.words || !window.Highlight || !CSS.highlights) return;
    const article = document.querySelector(".bd-article");
    const ranges = [];
    const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT, (text) =>
      text.parentElement.closest("noscript, script, style, svg") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      for (const { 0: word, index } of text.data.matchAll(new RegExp(found.words, "giu"))) {
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        ranges.push(range);
      }
    }
    // A rule for ::highlight is asked of every element, so that it comes only where something was looked for.
    const style = new CSSStyleSheet();
    style.replaceSync("::highlight(pg-found) { background-color: var(--pst-color-target, #fbe54e); color: var(--pg-ink); }");
    document.adoptedStyleSheets.push(style);
    CSS.highlights.set("pg-found", new Highlight(...ranges));
    const end = () => CSS.highlights.delete("pg-found");
    document.addEventListener("click", end, { once: true });
    document.addEventListener("keydown", (event) => event.key === "Escape" && end());
  }

  // Sphinx gives the entries of a bibliography a role that has been withdrawn.
  function mendBibliography() {
    for (const entry of document.querySelectorAll('[role="doc-biblioentry"]')) entry.setAttribute("role", "listitem");
  }

  const isSeen = (part) => part.checkVisibility?.() ?? true;

  // A formula is copied as its source, between dollars; all else as the browser copies it: what is seen, with its marks.
  document.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    if (selection.isCollapsed || event.target.closest?.("input, textarea")) return;
    const ranges = Array.from({ length: selection.rangeCount }, (_, i) => selection.getRangeAt(i));
    const formulas = [...document.querySelectorAll("mjx-container[data-tex]")]
      .filter((formula) => isSeen(formula) && ranges.some((range) => range.intersectsNode(formula)));
    if (!formulas.length) return;
    const [text, html] = withSources(formulas, ranges, () => [selection.toString(), ranges.map(htmlOf).join("")]);
    event.clipboardData.setData("text/plain", text);
    event.clipboardData.setData("text/html", html);
    event.preventDefault();
  });

  // For as long as nothing is painted, each formula is its source. A selection that ends in one takes in all of it.
  function withSources(formulas, ranges, read) {
    const selection = document.getSelection();
    const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
    let moved = false;
    const sources = formulas.map((formula) => {
      const source = document.createElement("span");
      source.textContent = `$${formula.dataset.tex}$`;
      formula.before(source);
      for (const range of ranges) {
        const ends = [formula.contains(range.startContainer), formula.contains(range.endContainer)];
        if (ends[0]) range.setStartBefore(source);
        if (ends[1]) range.setEndAfter(formula);
        moved ||= ends[0] || ends[1];
      }
      formula.style.setProperty("display", "none", "important");
      return source;
    });
    const result = read();
    for (const formula of formulas) {
      formula.style.removeProperty("display");
      if (!formula.getAttribute("style")) formula.removeAttribute("style");
    }
    for (const source of sources) source.remove();
    if (moved) selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
    return result;
  }

  function htmlOf(range) {
    const all = range.commonAncestorContainer.querySelectorAll?.("*") ?? [];
    const unseen = [...all].filter((part) => range.intersectsNode(part) && !isSeen(part));
    for (const part of unseen) part.dataset.pgUnseen = "";
    const copy = document.createElement("div");
    copy.append(range.cloneContents());
    for (const part of unseen) delete part.dataset.pgUnseen;
    for (const part of copy.querySelectorAll("[data-pg-unseen], button")) part.remove();
    return copy.innerHTML;
  }

  let waiting = 0;
  function soon() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(markWideBoxes);
  }

  document.addEventListener("scroll", (event) => {
    if (event.target.matches?.(BOXES)) showHiddenEdges(event.target);
  }, { capture: true, passive: true });
  window.addEventListener("beforeprint", openAll);
  window.addEventListener("afterprint", () => opened.splice(0).forEach((block) => { block.open = false; }));

  // The theme leaves the side bar where it stood on the page before, which may be far from the entry of this one.
  function showOwnEntry() {
    const bar = document.querySelector(".bd-sidebar-primary"), own = bar?.querySelector(".bd-docs-nav a.current");
    if (!own || !bar.clientHeight) return;
    const entry = own.getBoundingClientRect(), frame = bar.getBoundingClientRect();
    if (entry.top >= frame.top && entry.bottom <= Math.min(frame.bottom, innerHeight)) return;
    bar.scrollTop += entry.top - frame.top - bar.clientHeight / 4;
  }

  window.addEventListener("load", () => {
    showOwnEntry();
    mendBibliography();
    markFound();
    soon();
    if (window.MathJax?.startup) window.MathJax.startup.promise.then(soon); // where pages set their formulas themselves
    new ResizeObserver(soon).observe(document.querySelector(".bd-article") || document.body);
    document.fonts.ready.then(soon);
    document.addEventListener("toggle", soon, true);
    document.addEventListener("contentvisibilityautostatechange", ({ skipped }) => skipped || soon(), true);
    document.addEventListener("click", () => setTimeout(soon, 50));
    document.addEventListener("input", soon);
  });
})();
