/* Sets formulas with MathJax: a JSON request a line in, a JSON answer a line out.

   node formulas.cjs FOLDER SETTINGS
   {"tex": …, "display": …}        →  {"html": …, "speech": …} or {"error": …}
   {"style": [[tex, display], …]}  →  {"style": …}, for these and all that were set before; one that is wrong is left out */
"use strict";
const readline = require("readline");

const [folder, settings] = process.argv.slice(2);
const { macros, scale, fonts } = JSON.parse(settings);

async function start() {
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

  // A box that says nothing goes, where what is in it stands in a line without it as it did with it.
  const SAYS_NOTHING = new Set(["mjx-mstyle", "mjx-mfrac", "mjx-msub", "mjx-msup", "mjx-TeXAtom", "mjx-mrow"]);
  const IN_A_LINE = new Set(["mjx-math", "mjx-base", "mjx-script", "mjx-num", "mjx-den", "mjx-mtd", ...SAYS_NOTHING]);
  function unwrap(node) {
    for (const child of [...parts(node)]) {
      unwrap(child);
      if (!SAYS_NOTHING.has(adaptor.kind(child)) || !IN_A_LINE.has(adaptor.kind(node))) continue;
      if (adaptor.allAttributes(child).some(({ name }) => name !== "texclass")) continue;
      for (const part of [...parts(child)]) adaptor.insert(part, child);
      adaptor.remove(child);
    }
  }

  const answer = ({ tex, display, style }) => {
    if (style) {
      for (const [tex, display] of style) {
        try {
          MathJax.tex2chtml(tex, { display });
        } catch { /* who writes the page says so */ }
      }
      return { style: adaptor.textContent(MathJax.chtmlStylesheet()) };
    }
    try {
      const formula = MathJax.tex2chtml(tex, { display });
      unbox(formula);
      unwrap(formula);
      if (!display) ["math", "notranslate"].forEach((word) => adaptor.addClass(formula, word));
      return { html: adaptor.outerHTML(formula), speech: speech.toSpeech(MathJax.tex2mml(tex, { display })) };
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
