/* What makes a field of text an editor for Python: colours, brackets and keys. live.js asks for it when it has one, or
   has a text that was typed into one.

   CodeMirror 6 does as much and more. Bundled and minified with what this file does and nothing else, it takes 367 kB
   (124 kB by gzip) where this file and the field in live.js take 8.5 kB (3.7 kB), and cells of twenty lines need no more;
   the field is the browser's own, so that selection, undo, spoken text and a phone's keyboard are those of every field. */

const KEYWORDS = "and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield match case";
const CONSTANTS = "True False None";
const FUNCTIONS = "abs all any bool dict display divmod enumerate filter float format frozenset getattr hasattr int isinstance iter len list map max min next object open pow print property range repr reversed round set setattr slice sorted str sum super tuple type zip";
// The names of Pygments, by which the page's style sheet colours code.
const CLASSES = new Map([[KEYWORDS, "k"], [CONSTANTS, "kc"], [FUNCTIONS, "nb"]]
  .flatMap(([words, name]) => words.split(" ").map((word) => [word, name])));
const TOKEN = /(#.*)|((?:\b[rRbBfFuUtT]{1,2})?(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?))|(\b0[xXbBoO][\da-fA-F_]+|(?:\b\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?j?)|(@[\w.]+)|([^\W\d]\w*|[\p{L}_][\p{L}\p{N}_]*)|([^])/gu;
const CLOSING = { "(": ")", "[": "]", "{": "}" };

/* Python as pieces of text, each with the class that its colour has, or "". */
export function* tokens(source) {
  let before = "", starts = true;
  for (const found of source.matchAll(TOKEN)) {
    const [text, comment, string, number, decorator, word] = found;
    let name = "";
    if (comment) name = "c1";
    else if (string) name = "s2";
    else if (number) name = "mi";
    else if (decorator) name = starts ? "nd" : "";
    else if (word && before !== ".") name = CLASSES.get(word) ?? (before === "def" ? "nf" : before === "class" ? "nc" : "");
    if ((word === "match" || word === "case") && !(starts && /^.*:\s*$/m.test(source.slice(found.index).split("\n")[0]))) name = "";
    yield [text, name];
    if (text.includes("\n")) starts = true;
    else if (text.trim()) starts = false;
    if (text.trim()) before = text;
  }
}

/* The places of the bracket beside the cursor and of its partner, or of the bracket twice where it has none. */
export function brackets(source, cursor) {
  const open = [], partner = new Map();
  let place = 0;
  for (const [text, name] of tokens(source)) {
    if (!name && CLOSING[text]) open.push([text, place]);
    else if (!name && text.length === 1 && ")]}".includes(text)) {
      const [bracket, other] = open.pop() ?? [];
      const fits = bracket !== undefined && CLOSING[bracket] === text;
      partner.set(place, fits ? other : place);
      if (fits) partner.set(other, place);
    }
    place += text.length;
  }
  for (const [, other] of open) partner.set(other, other);
  const beside = [cursor - 1, cursor].find((one) => partner.has(one));
  return beside === undefined ? [] : [beside, partner.get(beside)];
}

const span = (name, text) => Object.assign(document.createElement("span"), { className: name, textContent: text });

/* The rows of a field in colours, each with the end of its line. */
export function rows(field) {
  const { value, selectionStart: from, selectionEnd: to } = field;
  const beside = document.activeElement === field && from === to ? brackets(value, from) : [];
  const made = [span("", "")];
  let place = 0;
  for (const [text, name] of tokens(value)) {
    const bracket = !beside.includes(place) || name ? "" : beside[0] === beside[1] ? "pg-unmatched" : "pg-matched";
    text.split("\n").forEach((part, number) => {
      if (number) {
        made.at(-1).append("\n");
        made.push(span("", ""));
      }
      if (part) made.at(-1).append(name || bracket ? span(name || bracket, part) : part);
    });
    place += text.length;
  }
  made.at(-1).append("\n"); // an empty last line has a height
  return made;
}

/* Put a text in the place of a range, so that the browser can undo it. */
function put(field, text, from = field.selectionStart, to = field.selectionEnd) {
  field.setSelectionRange(from, to);
  if (text ? document.execCommand("insertText", false, text) : document.execCommand("delete")) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/* Enter begins a line as deep as the one above, deeper after a colon or a bracket, less deep after return. Backspace
   goes back one level. With Ctrl, ] and [ move lines, and / makes them comments. Tab leaves the field. */
export function key(field, event) {
  if (event.isComposing || event.altKey) return;
  const { selectionStart: from, selectionEnd: to, value } = field;
  const begin = value.lastIndexOf("\n", from - 1) + 1, row = value.slice(begin, from);
  if (event.key === "Enter") {
    event.preventDefault();
    const depth = row.match(/^ */)[0].length, code = row.replace(/#.*$/, "").trimEnd();
    const step = /[:([{]$/.test(code) ? 4 : /^\s*(return|raise|pass|break|continue)\b/.test(code) ? -4 : 0;
    put(field, `\n${" ".repeat(Math.max(0, depth + step))}`);
  } else if (event.key === "Backspace" && from === to && row && !row.trim()) {
    event.preventDefault();
    put(field, "", from - ((row.length - 1) % 4 + 1), from);
  } else if ((event.ctrlKey || event.metaKey) && ["]", "[", "/"].includes(event.key)) {
    event.preventDefault();
    const stop = value.indexOf("\n", to) < 0 ? value.length : value.indexOf("\n", to);
    const lines = value.slice(begin, stop).split("\n");
    const silent = lines.every((line) => !line.trim() || /^\s*#/.test(line));
    const moved = lines.map((line) => {
      if (event.key === "]") return line && `    ${line}`;
      if (event.key === "[") return line.replace(/^ {1,4}/, "");
      return silent ? line.replace(/^(\s*)# ?/, "$1") : line.replace(/^(\s*)(?=\S)/, "$1# ");
    }).join("\n");
    put(field, moved, begin, stop);
    field.setSelectionRange(begin, begin + moved.length);
  }
}

/* Offer what the reader wrote into a cell that has since been rewritten, and let it be dropped. */
export function old(cell, { text, release }, drop) {
  const made = (tag, attributes, ...children) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...children);
    return element;
  };
  const words = made("pre", { tabIndex: 0 }, text);
  words.setAttribute("aria-label", "What you wrote");
  const button = made("button", { type: "button", className: "pg-button" }, "Drop it");
  const summary = `You had changed a cell here that has since been rewritten (release ${release}). Show what you wrote`;
  const told = made("details", { className: "pg-old" }, made("summary", {}, summary), words, button);
  button.addEventListener("click", () => {
    drop();
    told.remove();
    cell.buttons.run.focus();
  });
  cell.place.after(told);
}
