/* Sets formulas with MathJax: a JSON request a line in, a JSON answer a line out.

   node formulas.cjs FOLDER SETTINGS
   {"tex": …, "display": …}        →  {"html": …, "speech": …} or {"error": …}
   {"style": true}                 →  {"style": …}, for all that were set before */
"use strict";
const readline = require("readline");

const [folder, settings] = process.argv.slice(2);
const { macros, scale, fonts } = JSON.parse(settings);

// The rules of speech ask hundreds of short questions about each part of a formula, in XPath. Each would be parsed anew;
// one that gives no nodes would fail anew when it is asked for nodes, as each first is, and make an error every time; and
// most ask for a kind of part with some attribute, where it can be seen without XPath that the answer is empty.
const KIND = /^self::(?<kind>\*|[\w-]+)\[@(?<name>[\w-]+)(?:="(?<value>[^"]*)")?\]$/;
const NODES = 5; // ORDERED_NODE_ITERATOR_TYPE
const NO_NODES = "value could not be converted to the specified type";
function isOfKind(node, { kind, name, value }) {
  if (node.nodeType !== 1 || (kind !== "*" && node.nodeName !== kind) || !node.hasAttribute(name)) return false;
  return value === undefined || node.getAttribute(name) === value;
}
function askFaster(xpath) {
  const { install } = xpath, parsed = new Map();
  xpath.install = (target, ...others) => {
    install(target, ...others);
    const { document } = target;
    const parse = (question, names) => ({
      expression: document.createExpression(question, names), kind: KIND.exec(question)?.groups, failure: null, nothing: null,
    });
    document.evaluate = (question, node, names, type) => {
      if (!parsed.has(question)) parsed.set(question, parse(question, names)); // what names stand for is the same in all
      const known = parsed.get(question);
      if (type !== NODES) return known.expression.evaluate(node, type);
      if (known.failure) throw known.failure; // whether a question gives nodes depends on nothing but the question
      const isNothing = known.kind && !isOfKind(node, known.kind);
      if (isNothing && known.nothing) return known.nothing;
      try {
        const result = known.expression.evaluate(node, type);
        if (isNothing) known.nothing = result;
        return result;
      } catch (error) {
        if (error.message === NO_NODES) known.failure = error;
        throw error;
      }
    };
  };
}

async function start() {
  askFaster(require(`${folder}/node_modules/wicked-good-xpath`));
  const speech = require(`${folder}/node_modules/speech-rule-engine/lib/sre.js`);
  const MathJax = await require(`${folder}/mathjax/node-main.js`).init({
    options: { enableMenu: false },
    loader: { load: ["input/tex-full", "output/chtml", "adaptors/liteDOM"] },
    tex: {
      macros,
      packages: { "[-]": ["noundefined", "bussproofs"] },
      formatError: (jax, error) => { throw error; },
    },
    chtml: { scale, matchFontHeight: false, fontURL: fonts, adaptiveCSS: true },
  });
  const json = `${folder}/node_modules/speech-rule-engine/lib/mathmaps`;
  await speech.setupEngine({ locale: "en", domain: "clearspeak", modality: "speech", json });
  await speech.engineReady();

  const adaptor = MathJax.startup.adaptor;

  // A box around a single glyph gives it its attributes and goes: a third of all elements are such boxes.
  const BOXES = new Set(["mjx-mi", "mjx-mn", "mjx-mo", "mjx-mtext"]);
  const parts = (node) => (adaptor.kind(node).startsWith("#") ? [] : adaptor.childNodes(node)); // a text has none
  function unbox(node) {
    for (const child of [...parts(node)]) {
      const [glyph, ...others] = parts(child);
      const single = glyph && !others.length && BOXES.has(adaptor.kind(child)) && adaptor.kind(glyph) === "mjx-c";
      if (!single || adaptor.getAttribute(glyph, "style")) unbox(child);
      else {
        for (const { name, value } of adaptor.allAttributes(child)) {
          if (name === "class") value.split(" ").forEach((word) => adaptor.addClass(glyph, word));
          else adaptor.setAttribute(glyph, name, value);
        }
        adaptor.replace(glyph, child);
      }
    }
  }

  // A box that says nothing goes, where what is in it stands in a line without it as it did with it. What it says of
  // the space before it, its first part can say, and what it says of its size, each part, unless they say so themselves.
  const SAYS_LITTLE = new Set(["mjx-mstyle", "mjx-mfrac", "mjx-msub", "mjx-msup", "mjx-TeXAtom", "mjx-mrow"]);
  const IN_A_LINE = new Set(["mjx-math", "mjx-base", "mjx-script", "mjx-num", "mjx-den", "mjx-mtd", "mjx-under", "mjx-over"]);
  SAYS_LITTLE.forEach((kind) => IN_A_LINE.add(kind));
  const says = (node, name) => Boolean(adaptor.getAttribute(node, name));
  const isElement = (node) => !adaptor.kind(node).startsWith("#");
  const styles = (node, what) => (adaptor.getAttribute(node, "style") || "").includes(what);
  const setsSpace = (node) => says(node, "space") || styles(node, "margin");
  const setsSize = (node) => says(node, "size") || styles(node, "font-size");
  function canHandOn(node) {
    const inside = parts(node), [size, space] = ["size", "space"].map((name) => says(node, name));
    if (adaptor.allAttributes(node).some(({ name }) => !["texclass", "size", "space"].includes(name))) return false;
    if (size && (adaptor.kind(node) === "mjx-mstyle" || !inside.every((part) => isElement(part) && !setsSize(part)))) return false;
    return !space || (inside.length > 0 && isElement(inside[0]) && !setsSpace(inside[0]) && !setsSize(inside[0]));
  }
  function unwrap(node) {
    for (const child of [...parts(node)]) {
      unwrap(child);
      if (!SAYS_LITTLE.has(adaptor.kind(child)) || !IN_A_LINE.has(adaptor.kind(node)) || !canHandOn(child)) continue;
      const inside = [...parts(child)];
      if (says(child, "size")) inside.forEach((part) => adaptor.setAttribute(part, "size", adaptor.getAttribute(child, "size")));
      if (says(child, "space")) adaptor.setAttribute(inside[0], "space", adaptor.getAttribute(child, "space"));
      for (const part of inside) adaptor.insert(part, child);
      adaptor.remove(child);
    }
  }

  // A small space in a line is one before the part that follows it, as between a sign and its neighbours.
  const SPACES = { "width: 0.167em;": "2", "width: 0.222em;": "3", "width: 0.278em;": "4" };
  function closeUp(node) {
    const inside = [...parts(node)];
    inside.forEach((child, place) => {
      if (!isElement(child)) return;
      closeUp(child);
      const width = SPACES[adaptor.getAttribute(child, "style")], next = inside[place + 1];
      if (adaptor.kind(child) !== "mjx-mspace" || !width || says(child, "space") || !IN_A_LINE.has(adaptor.kind(node))) return;
      if (!next || !isElement(next) || adaptor.kind(next) === "mjx-mspace" || setsSpace(next) || setsSize(next)) return;
      adaptor.setAttribute(next, "space", width);
      adaptor.remove(child);
    });
  }

  // A formula that is broader than a phone may break there: before relations, else before signs of operations and sums,
  // else after commas, and only as often as it takes. The style sheet lets it, and on narrow pages alone.
  const LINE = { inline: 12, display: 14 }; // what fits, in em
  const glyphs = (...codes) => new RegExp(`\\bmjx-c(${codes.join("|")})\\b`);
  const RELATION = glyphs("3D", "2190", "2192", "2248", "2260", "2261", "2264", "2265", "221D", "3C", "3E");
  const OPERATION = glyphs("2B", "2212", "22C5", "D7"), SUM = glyphs("2211", "220F", "222B"), COMMA = glyphs("2C");
  const [OPENS, CLOSES] = [glyphs("28", "5B", "7B"), glyphs("29", "5D", "7D")];
  const name = (node) => (adaptor.kind(node) === "mjx-c" ? adaptor.getAttribute(node, "class") || "" : "");
  const EM = { 1: 0.111, 2: 0.167, 3: 0.222, 4: 0.278, 5: 0.333 };

  const STACKS = new Set(["mjx-munder", "mjx-mover", "mjx-munderover", "mjx-box", "mjx-frac", "mjx-dtable"]);
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

  // About how broad a part is, in em.
  function breadth(node, scale = 1) {
    if (!isElement(node)) return 0.5 * scale;
    if (says(node, "size")) scale *= 0.7;
    const style = adaptor.getAttribute(node, "style") || "", set = /(?:^|[ ;])width: ([\d.]+)em/.exec(style);
    const before = scale * (EM[adaptor.getAttribute(node, "space")] || 0);
    if (set) return before + scale * Number(set[1]);
    if (adaptor.kind(node) === "mjx-c") return before + 0.52 * scale;
    const inside = parts(node).map((part) => breadth(part, scale));
    return before + (STACKS.has(adaptor.kind(node)) ? Math.max(0, ...inside) : sum(inside));
  }

  function isSumSign(node) {
    if (SUM.test(name(node))) return true;
    const base = /^mjx-munder/.test(adaptor.kind(node)) && (adaptor.tags(node, "mjx-base")[0] || node);
    return Boolean(base && SUM.test(name(parts(base)[0])));
  }

  // How little a break before each part of a line disturbs: 0 least, or 9 where there may be none.
  function breaks(line) {
    let depth = 0;
    return line.map((part, place) => {
      const glyph = name(part), before = place ? name(line[place - 1]) : "";
      if (CLOSES.test(glyph)) depth -= 1;
      const isSum = isSumSign(part);
      const worth = !place ? 9
        : adaptor.kind(line[place - 1]) === "mjx-mspace" && breadth(line[place - 1]) >= 1 ? 0
        : RELATION.test(glyph) && says(part, "space") && !RELATION.test(before) ? 1 + 4 * (depth > 0)
        : OPERATION.test(glyph) && says(part, "space") ? 2 + 3 * (depth > 0)
        : isSum && !OPERATION.test(before) && !RELATION.test(before) && !isSumSign(line[place - 1]) ? 3 + (depth > 0)
        : COMMA.test(before) && depth < 2 ? 4 : 9;
      if (OPENS.test(glyph)) depth += 1;
      return worth;
    });
  }

  function breakLine(line, room, scale) {
    const worths = breaks(line), broad = line.map((part) => scale * breadth(part));
    const split = (from, to, least) => {
      if (least > 6 || sum(broad.slice(from, to)) <= room) return [];
      const isHere = (place) => place > from && place < to && worths[place] === least && sum(broad.slice(0, place)) > 0;
      const here = line.map((_, place) => place).filter(isHere);
      const ends = [from, ...here, to];
      return [...here, ...ends.slice(1).flatMap((end, index) => split(ends[index], end, least + 1))];
    };
    for (const place of split(0, line.length, 0)) adaptor.insert(adaptor.node("wbr"), line[place]);
  }

  function letBreak(formula, broad, display) {
    const room = display ? LINE.display : LINE.inline;
    if (broad <= room) return;
    adaptor.addClass(formula, "pg-broad");
    adaptor.setStyle(formula, "--pg-broad", broad.toFixed(1));
    const math = parts(formula)[0], cells = adaptor.tags(math, "mjx-mtd");
    const scale = cells.length ? 1 : broad / sum(parts(math).map((part) => breadth(part)));
    for (const line of cells.length ? cells : [math]) breakLine(parts(line), cells.length ? LINE.inline : room, scale);
  }

  // What holds a line open can be drawn by the box around it.
  const STRUTS = new Set(["mjx-nstrut", "mjx-dstrut", "mjx-tstrut"]);
  const STRUTTED = `
mjx-num[strut]::before, mjx-den[strut]::before, mjx-mtd[strut]::after { content: ""; display: inline-block; width: 0; }
mjx-num[strut]::before { height: .054em; vertical-align: -.054em; }
mjx-num[strut="d"]::before { height: .217em; vertical-align: -.217em; }
mjx-den[strut]::before { height: .505em; }
mjx-den[strut="d"]::before { height: .726em; }
mjx-mtd[strut]::after { height: 1em; vertical-align: -.25em; }
`;
  function unstrut(node) {
    for (const child of [...parts(node)]) {
      if (STRUTS.has(adaptor.kind(child))) {
        adaptor.setAttribute(node, "strut", adaptor.getAttribute(child, "type") || "");
        adaptor.remove(child);
      } else unstrut(child);
    }
  }

  // As MathJax.tex2chtml does, and tells how broad the formula is, in em, and what it is in MathML.
  function set(tex, display) {
    const { document } = MathJax.startup;
    const item = new document.options.MathItem(tex, document.inputJax[0], display);
    item.start.node = adaptor.body(document.document); // where MathJax measures what its fonts lack
    item.setMetrics(16, 8, 1280, 1000000, 1);
    item.convert(document);
    const mathml = MathJax.startup.toMML(item.root);
    return [item.typesetRoot, document.outputJax.getBBox(item, document).w, mathml];
  }

  const answer = ({ tex, display, style }) => {
    if (style) return { style: adaptor.textContent(MathJax.chtmlStylesheet()) + STRUTTED };
    try {
      const [formula, broad, mathml] = set(tex, display);
      for (const lighten of [unbox, unwrap, closeUp, unstrut]) lighten(formula);
      letBreak(formula, broad, display);
      if (!display) ["math", "notranslate"].forEach((word) => adaptor.addClass(formula, word));
      return { html: adaptor.outerHTML(formula), speech: speech.toSpeech(mathml) };
    } catch (error) {
      return { error: error.message };
    }
  };
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
  });
}

start().catch((error) => {
  process.stderr.write(`${error.message.split("\n")[0]}\n`);
  process.exit(1);
});
