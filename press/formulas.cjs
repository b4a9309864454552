/* Sets formulas with MathJax: a JSON request a line in, a JSON answer a line out.

   node formulas.cjs FOLDER SETTINGS
   {"tex": …, "display": …}  →  {"html": …} or {"error": …}
   {"style": true}           →  {"style": …}, for all formulas that were set so far */
"use strict";
const readline = require("readline");

const [folder, settings] = process.argv.slice(2);
const { macros, scale, fonts } = JSON.parse(settings);

require(`${folder}/node-main.js`).init({
  options: { enableMenu: false },
  loader: { load: ["input/tex-full", "output/chtml", "adaptors/liteDOM", "a11y/assistive-mml"] },
  tex: {
    macros,
    packages: { "[-]": ["noundefined", "bussproofs"] },
    formatError: (jax, error) => { throw error; },
  },
  chtml: { scale, matchFontHeight: false, fontURL: fonts, adaptiveCSS: true },
}).then((MathJax) => {
  const adaptor = MathJax.startup.adaptor;
  const answer = (request) => {
    if (request.style) return { style: adaptor.textContent(MathJax.chtmlStylesheet()) };
    try {
      return { html: adaptor.outerHTML(MathJax.tex2chtml(request.tex, { display: request.display })) };
    } catch (error) {
      return { error: error.message };
    }
  };
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
  });
});
