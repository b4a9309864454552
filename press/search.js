/* How the search counts what it finds, as Sphinx's setting html_search_scorer wants it; only the search page loads this, and
   says in pgShownFirst which pages those are (press/search.py). */
var Scorer = {
  // Among pages that have the words in a heading, the first page and the chapters stand first. Before them all stands the
  // name of an object that was typed whole, as "from_torch_loss" or "from torch loss"; a name of one word is a word.
  score: ([page, name, , description, score]) => {
    const last = name.split(".").at(-1).toLowerCase();
    if (description && last.includes("_") && last.replaceAll("_", " ") === Scorer.asked) return Scorer.title + 3;
    const first = pgShownFirst.includes(page);
    return score + (first && score >= Scorer.title ? 1 : 0);
  },
  asked: "",
  // The rest is as Sphinx has it.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};

(() => {
  // "actor–critic", "actor-critic" and "actor critic" are one, in what is typed and in what is found; "loss_type" and "loss
  // type" are too, but the name of an object is known whole.
  function foldDashes() {
    if (typeof Search === "undefined" || !Search._parseQuery) return;
    const fold = (words, marks = /[-_\u2010-\u2015\s]+/g) => words.replace(marks, " ").trim();
    const foldNames = (table) => {
      const folded = {};
      for (const [name, places] of Object.entries(table)) (folded[fold(name)] ||= []).push(...places);
      return folded;
    };
    const { _parseQuery: parseQuery, _performSearch: performSearch, setIndex } = Search;
    // A hit inside of a page has the title of its section, or its term of the glossary, too, and a place is listed once: two
    // hits of one page are told apart. The best stands last.
    let sections = {};
    Search._performSearch = (...query) => {
      const hits = performSearch(...query);
      const last = new Map(hits.map(([page, , anchor], place) => [page + anchor, place]));
      return hits.filter(([page, , anchor], place) => last.get(page + anchor) === place).map(([page, title, anchor, ...rest]) => {
        const section = sections[page + anchor] ?? (anchor.startsWith("#term-") ? anchor.slice(6).replaceAll("-", " ") : "");
        return [page, title.includes(section) ? title : `${title} > ${section}`, anchor, ...rest];
      });
    };
    Search._parseQuery = (words) => {
      const names = parseQuery(fold(words, /[-\u2010-\u2015\s]+/g)).at(-1);
      Scorer.asked = fold(words).toLowerCase();
      return [...parseQuery(fold(words)).slice(0, -1), names];
    };
    const foldIndex = (index) => {
      sections = Object.fromEntries(Object.entries(index.alltitles).flatMap(([title, places]) =>
        places.filter(([, id]) => id).map(([page, id]) => [`${index.docnames[page]}#${id}`, title])));
      index.alltitles = foldNames(index.alltitles);
      const entries = index.indexentries = foldNames(index.indexentries);
      // A page is found by its own title before all others.
      index.titles.forEach((title, page) => (entries[fold(title.toLowerCase())] ||= []).push([page, "", true]));
      return index;
    };
    Search.setIndex = (index) => setIndex(foldIndex(index));
    if (Search._index) foldIndex(Search._index);
  }

  // The excerpts of a search show prose: neither code nor the furniture of the page. A short formula is read out, a long one
  // is left out with a mark, and what stands in blocks of its own does not run together.
  const LONG = 30;
  const BLOCKS = "p, li, dt, dd, div, td, th, figcaption, summary, section, h2, h3, h4";
  function searchProse() {
    if (typeof Search === "undefined" || !Search.htmlToText) return;
    const htmlToText = Search.htmlToText;
    Search.htmlToText = (text, anchor) => {
      const page = new DOMParser().parseFromString(text, "text/html");
      const article = page.querySelector("article.bd-article");
      if (!article) return htmlToText(text, anchor);
      for (const other of article.querySelectorAll("noscript:not(.pg-unopened), script, style, div.cell, div.highlight, .headerlink, h1")) other.remove();
      for (const formula of article.querySelectorAll("mjx-container")) {
        const words = formula.getAttribute("aria-label") ?? "";
        formula.replaceWith(words && words.length <= LONG ? words : "…");
      }
      for (const block of article.querySelectorAll(BLOCKS)) block.append(" ");
      let part = null;
      try {
        part = anchor && article.querySelector(anchor);
      } catch {
        // an anchor that is no selector: the whole article, then
      }
      return (part || article).textContent.trim();
    };
  }

  // Sphinx's search is there, and has not begun.
  foldDashes();
  searchProse();
})();
