/* Numbers as people write them, and as Python does: for what a reader answers without Python. */
(() => {
  "use strict";

  /* A number with six digits, as Python writes it, with a true minus: what lies in the middle of two goes to the even one. */
  function sixDigits(number) {
    let [digits, exponent] = number.toExponential(5).split("e");
    const [all, power] = number.toExponential(100).split("e"); // all digits that it has; 5 in the middle goes up above
    if (/\.\d{4}[02468]50*$/.test(all)) [digits, exponent] = [all.slice(0, all.indexOf(".") + 6), power];
    const short = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
    const text = number !== 0 && (exponent < -4 || exponent >= 6)
      ? `${short(digits)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`
      : short(Number(`${digits}e${exponent}`).toFixed(Math.max(5 - exponent, 0)));
    return text.replace(/-/g, "−");
  }

  /* Read a number as people write it: 0.25, 1/4, 2**-2, 1e-3, sqrt(2), 25 %. Gives {number, note} or {problem}. */
  function readNumber(text) {
    const NUMBER = /(\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?/iy;
    const written = text.trim();
    let source = written.toLowerCase()
      .replace(/[−–]/g, "-").replace(/[·×]/g, "*").replace(/[÷∕⁄]/g, "/").replace(/\^/g, "**")
      .replace(/½/g, "(1/2)").replace(/⅓/g, "(1/3)").replace(/¼/g, "(1/4)").replace(/¾/g, "(3/4)").replace(/⅔/g, "(2/3)")
      .replace(/√/g, "sqrt").replace(/\b(np|numpy|math)\./g, "").replace(/π/g, "pi").replace(/\s+/g, " ")
      .replace(/(\d) (?=\d{3}(?!\d))/g, "$1"); // 600 000
    let note = "";
    if (/\d,\d/.test(source)) {
      if (/\d,\d{3}(?!\d)/.test(source) && !/(^|\D)0,/.test(source)) {
        return { problem: `Is the comma in ${written} for thousands or for a fraction? Write the number without it, or with a point.` };
      }
      source = source.replace(/(\d),(\d)/g, "$1.$2");
      note = "comma";
    }
    if (/[\d)] ?%$/.test(source)) source = `(${source.replace(/ ?%$/, "")})/100`;
    let place = 0;
    const skip = () => { while (source[place] === " ") place += 1; };
    const takes = (sign) => {
      skip();
      if (!source.startsWith(sign, place) || (sign === "*" && source[place + 1] === "*")) return false;
      place += sign.length;
      return true;
    };
    const fail = () => { throw new SyntaxError(); };
    const FUNCTIONS = { sqrt: Math.sqrt, exp: Math.exp, log: Math.log, ln: Math.log, abs: Math.abs };
    const sum = () => {
      let value = product();
      for (;;) {
        if (takes("+")) value += product();
        else if (takes("-")) value -= product();
        else return value;
      }
    };
    const product = () => {
      let value = signed();
      for (;;) {
        if (takes("*")) value *= signed();
        else if (takes("/")) value /= signed();
        else return value;
      }
    };
    const signed = () => (takes("-") ? -signed() : takes("+") ? signed() : power());
    const power = () => {
      const base = atom();
      return takes("**") ? base ** signed() : base;
    };
    const atom = () => {
      if (takes("(")) {
        const value = sum();
        return takes(")") ? value : fail();
      }
      skip();
      NUMBER.lastIndex = place;
      const number = NUMBER.exec(source);
      if (number) {
        place = NUMBER.lastIndex;
        return Number(number[0]);
      }
      const name = /^[a-z]+/.exec(source.slice(place))?.[0];
      place += name?.length ?? 0;
      if (name === "pi") return Math.PI;
      if (Object.hasOwn(FUNCTIONS, name ?? "")) return FUNCTIONS[name](atom());
      return fail();
    };
    let number;
    try {
      number = sum();
      skip();
      if (place < source.length) fail();
    } catch {
      return { problem: `${written} is not read as a number: write one such as 0.25, -3, 1/4, 2**-2, 1e-3 or sqrt(2).` };
    }
    if (!Number.isFinite(number)) return { problem: `${written} is no finite number.` };
    if (note) note = `With a point for the comma: ${sixDigits(number)}.`;
    else if (!/^[-+]?[\d.]+(e[-+]?\d+)?$/.test(source)) note = `Read as ${sixDigits(number)}.`;
    return { number, note };
  }

  globalThis.pgNumbers = { readNumber, sixDigits };
})();
