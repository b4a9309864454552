/* What the theme leaves undone: boxes that scroll, search, print. */
(() => {
  "use strict";

  // A box that scrolls is reached by the keyboard, and says at which edge more is hidden.
  const BOXES = [
    "div.math", "mjx-container", ".ledger-formula", "div.cell_output", "pre", ".pg-drawing", ".pst-scrollable-table-container",
  ].map((box) => `.bd-article ${box}`).join();

  function showHiddenEdges(box) {
    const edges = [];
    if (box.scrollLeft > 1) edges.push("start");
    if (box.scrollLeft + box.clientWidth < box.scrollWidth - 1) edges.push("end");
    const text = edges.join(" ");
    if (box.dataset.pgMore !== text) box.dataset.pgMore = text;
  }

  function markWideBoxes() {
    for (const formula of document.querySelectorAll(".bd-article :is(p, li) mjx-container:not([display])")) {
      formula.classList.remove("pg-wide");
      const cell = formula.closest("td, th");
      if (cell && getComputedStyle(cell).display === "table-cell") continue; // the table scrolls
      const line = formula.closest("p, li");
      formula.classList.toggle("pg-wide", formula.getBoundingClientRect().width > line.clientWidth + 1);
    }
    for (const box of document.querySelectorAll(BOXES)) {
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

  // On paper, everything is open.
  const opened = [];
  function openAll() {
    for (const block of document.querySelectorAll(".bd-article details.dropdown:not([open])")) {
      block.open = true;
      opened.push(block);
    }
  }

  // Among pages that have the words in a heading, the first page and the chapters stand first.
  const CHAPTER = /^book\/(intro$|(?!exercises\/|reference\/)[^/]+\/)/;
  function chaptersFirst() {
    if (typeof Scorer === "undefined") return;
    Scorer.score = ([page, , , , score]) => score + (score >= Scorer.title && CHAPTER.test(page) ? 1 : 0);
  }

  // "actor–critic", "actor-critic" and "actor critic" are one, in what is typed and in what is found.
  function foldDashes() {
    if (typeof Search === "undefined" || !Search._parseQuery) return;
    const fold = (words) => words.replace(/[-\u2010-\u2015]+/g, " ").replace(/\s+/g, " ").trim();
    const foldNames = (table) => {
      const folded = {};
      for (const [name, places] of Object.entries(table)) (folded[fold(name)] ||= []).push(...places);
      return folded;
    };
    const { _parseQuery: parseQuery, setIndex } = Search;
    Search._parseQuery = (words) => parseQuery(fold(words));
    const foldIndex = (index) => {
      index.alltitles = foldNames(index.alltitles);
      const entries = index.indexentries = foldNames(index.indexentries);
      // A page is found by its own title before all others.
      index.titles.forEach((title, page) => (entries[fold(title.toLowerCase())] ||= []).push([page, "", true]));
      return index;
    };
    Search.setIndex = (index) => setIndex(foldIndex(index));
    if (Search._index) foldIndex(Search._index);
  }

  // The excerpts of a search show prose: neither code nor the furniture of the page.
  function searchProse() {
    if (typeof Search === "undefined" || !Search.htmlToText) return;
    const htmlToText = Search.htmlToText;
    Search.htmlToText = (text, anchor) => {
      const page = new DOMParser().parseFromString(text, "text/html");
      const article = page.querySelector("article.bd-article");
      if (!article) return htmlToText(text, anchor);
      for (const other of article.querySelectorAll("noscript, script, style, div.cell, div.highlight, .headerlink, h1")) other.remove();
      let part = null;
      try {
        part = anchor && article.querySelector(anchor);
      } catch {
        // an anchor that is no selector: the whole article, then
      }
      return (part || article).textContent.trim();
    };
  }

  // Sphinx gives the entries of a bibliography a role that has been withdrawn.
  function mendBibliography() {
    for (const entry of document.querySelectorAll('[role="doc-biblioentry"]')) entry.setAttribute("role", "listitem");
  }

  // A formula is copied as its source, between dollars.
  document.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    if (selection.isCollapsed) return;
    const copy = document.createElement("div");
    for (let i = 0; i < selection.rangeCount; i++) copy.append(selection.getRangeAt(i).cloneContents());
    const formulas = copy.querySelectorAll("mjx-container[data-tex]");
    if (!formulas.length) return;
    for (const formula of formulas) formula.replaceWith(`$${formula.dataset.tex}$`);
    event.clipboardData.setData("text/plain", copy.textContent);
    event.preventDefault();
  });

  let waiting = 0;
  function soon() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(markWideBoxes);
  }

  document.addEventListener("DOMContentLoaded", chaptersFirst);
  document.addEventListener("DOMContentLoaded", foldDashes);
  document.addEventListener("DOMContentLoaded", searchProse);
  document.addEventListener("scroll", (event) => {
    if (event.target.matches?.(BOXES)) showHiddenEdges(event.target);
  }, { capture: true, passive: true });
  window.addEventListener("beforeprint", openAll);
  window.addEventListener("afterprint", () => opened.splice(0).forEach((block) => { block.open = false; }));

  window.addEventListener("load", () => {
    mendBibliography();
    soon();
    if (window.MathJax?.startup) window.MathJax.startup.promise.then(soon); // where pages set their formulas themselves
    new ResizeObserver(soon).observe(document.querySelector(".bd-article") || document.body);
    document.fonts.ready.then(soon);
    document.addEventListener("toggle", soon, true);
    document.addEventListener("click", () => setTimeout(soon, 50));
    document.addEventListener("input", soon);
  });
})();
