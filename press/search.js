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
  let marked = [];

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
    // A phrase that is typed whole is looked up whole. Of its words those that say nothing are not looked for, unless there is no
    // other; Sphinx knows some of them.
    const SAYS_NOTHING = /^(how|why|do|does|did|i|my|me|we|our|you|your|what|which|who|when|where|can|could|should|would|am|has|have|its?)$/;
    Search._parseQuery = (words) => {
      const names = parseQuery(fold(words, /[-\u2010-\u2015\s]+/g)).at(-1);
      Scorer.asked = fold(words).toLowerCase();
      const [query, terms, excluded, shown] = parseQuery(fold(words));
      const telling = (all) => {
        const left = [...all].filter((word) => !SAYS_NOTHING.test(word));
        return new Set(left.length ? left : all);
      };
      marked = [...telling(shown)];
      try {
        localStorage.removeItem("sphinx_highlight_terms"); // whatever page is opened next would be marked
      } catch { /* nothing is kept */ }
      return [query, telling(terms), excluded, new Set(), names]; // Sphinx would mark parts of words
    };
    const foldIndex = (index) => {
      sections = Object.fromEntries(Object.entries(index.alltitles).flatMap(([title, places]) =>
        places.filter(([, id]) => id).map(([page, id]) => [`${index.docnames[page]}#${id}`, title])));
      index.alltitles = foldNames(index.alltitles);
      const entries = index.indexentries = foldNames(index.indexentries);
      // A page is found by its own title before all others. Titles are HTML, and nobody types "&amp;".
      const read = (title) => new DOMParser().parseFromString(title, "text/html").body.textContent;
      index.titles.forEach((title, page) => (entries[fold(read(title).toLowerCase())] ||= []).push([page, "", true]));
      return index;
    };
    Search.setIndex = (index) => setIndex(foldIndex(index));
    if (Search._index) foldIndex(Search._index);
  }

  // The excerpts of a search show prose: neither code, the words of drawings nor the furniture of the page. A short formula is read out, a long one
  // is left out with a mark, and what stands in blocks of its own does not run together.
  const LONG = 30;
  const NO_PROSE = "noscript:not(.pg-unopened), script, style, svg, div.cell, div.highlight, form, button, .pg-task-head, .pg-guide";
  const BLOCKS = "p, li, dt, dd, div, td, th, figcaption, summary, section, h2, h3, h4";
  function searchProse() {
    if (typeof Search === "undefined" || !Search.htmlToText) return;
    const htmlToText = Search.htmlToText;
    Search.htmlToText = (text, anchor) => {
      const page = new DOMParser().parseFromString(text, "text/html");
      const article = page.querySelector("article.bd-article");
      if (!article) return htmlToText(text, anchor);
      for (const other of article.querySelectorAll(`${NO_PROSE}, .headerlink, h1`)) other.remove();
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
      // What a term of a glossary, or a name of the package, means stands after it, and after those that mean the same.
      let meaning = part?.localName === "dt" ? part.nextElementSibling : null;
      while (meaning?.localName === "dt") meaning = meaning.nextElementSibling;
      return `${(part || article).textContent} ${meaning?.textContent ?? ""}`.trim();
    };
  }

  // An excerpt begins shortly before the first word that was looked for, and each of them is marked in it.
  const BEFORE = 120, LENGTH = 240;
  function excerpts() {
    if (typeof Search === "undefined" || !Search.makeSearchSummary) return;
    Search.makeSearchSummary = (page, _, anchor) => {
      const text = Search.htmlToText(page, anchor).replace(/\s+/g, " ");
      if (!text) return null;
      const whole = wholeWords(marked);
      const from = Math.max((whole ? text.search(whole) : 0) - BEFORE, 0);
      const start = from && text.indexOf(" ", from) + 1;
      const excerpt = document.createElement("p");
      excerpt.className = "context";
      const words = text.slice(start, start + LENGTH).trim();
      let end = 0;
      for (const { 0: word, index } of whole ? words.matchAll(whole) : []) {
        const mark = document.createElement("span");
        mark.className = "highlighted";
        mark.textContent = word;
        excerpt.append(words.slice(end, index), mark);
        end = index + word.length;
      }
      excerpt.prepend(start ? "… " : "");
      excerpt.append(words.slice(end), start + LENGTH < text.length ? " …" : "");
      return excerpt;
    };
  }

  // The words as they stand, and with an ending: "gradient" in "gradients", but not "pi" in "pick".
  function wholeWords(words) {
    const each = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") + (word.length > 3 ? "(?:s|es|ed|ing)?" : ""));
    return each.length ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${each.join("|")})(?![\\p{L}\\p{N}])`, "giu") : null;
  }

  // A page that is opened from the results marks what was looked for; course.js does it, in that page and in no other.
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.("#search-results a");
    if (!link) return;
    try {
      sessionStorage.setItem("pg-found", JSON.stringify({ page: new URL(link.href).pathname, words: wholeWords(marked)?.source }));
    } catch { /* nothing is kept: the page is opened unmarked */ }
  });

  // Sphinx's search is there, and has not begun.
  foldDashes();
  searchProse();
  excerpts();
})();
