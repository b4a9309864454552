/* Formulas that a run shows and that the page does not have: MathJax from this website, asked for when the first comes. */

let typesetter = null;

function load(tex, root) {
  typesetter ??= new Promise((resolve, reject) => {
    if (window.MathJax?.startup) { // a page that sets its formulas itself
      resolve(window.MathJax.startup.promise);
      return;
    }
    if (!tex) throw new Error("no typesetter");
    const folder = new URL(tex.folder, root).href.replace(/\/$/, "");
    window.MathJax = {
      loader: { paths: { mathjax: folder }, load: ["input/tex-full", "output/chtml"] },
      startup: { typeset: false },
      tex: { macros: tex.macros, packages: { "[-]": ["bussproofs"] } },
      chtml: { scale: tex.scale, matchFontHeight: false, fontURL: new URL(tex.fonts, root).href },
    };
    const script = document.createElement("script");
    script.src = `${folder}/startup.js`;
    script.onload = () => window.MathJax.startup.promise.then(resolve, reject);
    script.onerror = () => { typesetter = null; reject(new Error("not loaded")); };
    document.head.append(script);
  });
  return typesetter;
}

/* Set formulas, each given as [its place, its source, whether it stands alone], where and how the page needs it. */
export async function set(formulas, tex, root) {
  await load(tex, root);
  for (const [place, formula, display] of formulas) {
    const shown = window.MathJax.tex2chtml(formula, { display });
    shown.dataset.tex = formula;
    shown.setAttribute("aria-hidden", "true");
    const spoken = document.createElement("span");
    spoken.className = "pg-spoken";
    spoken.innerHTML = window.MathJax.tex2mml(formula, { display });
    place.replaceChildren(shown, spoken);
  }
  window.MathJax.startup.document.clear();
  window.MathJax.startup.document.updateDocument();
}
