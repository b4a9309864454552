/* What the tools of a workbench share: elements, and a run of Python with its button, its progress and its sentences. */
(() => {
  "use strict";

  /* An element: `on` + name listens, true is an attribute without a value, false and undefined none. */
  function el(tag, attributes = {}, ...children) {
    const svg = ["svg", "g", "path", "circle", "rect", "line", "text", "title", "polygon"].includes(tag);
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (name === "value" && !svg) made.value = value;
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
  }

  const live = () => window.pgLive;

  /* Why Python cannot run here, or "". */
  function unavailable() {
    if (location.protocol === "file:") {
      return "Python does not run in a page that was opened as a file: browsers forbid it. It runs where the page comes from a server. All above works here too.";
    }
    return live() ? live().unavailable() : "This copy of the site was built without Python in its pages.";
  }

  const GRACE = 2; // so many seconds more, in which Python may say itself that it takes too long

  /* A button that runs something in Python, Stop beside it, and a line that says how far it is.

     `job(ask)` does the work; `ask(name, argument, seconds)` calls a function of pgcode._in_page. Its error is told in the
     line. Where seconds are given, Python is ended when the reader's own code has run for longer: it cannot interrupt a
     call there itself. It says when that code begins and when it is called no more (pgcode/_in_page/_progress.py). */
  function runner({ label, job, done = "Done.", halted = "Stopped. What was there before stands." }) {
    const button = el("button", { type: "button", class: "pg-button is-main" }, label);
    const stop = el("button", { type: "button", class: "pg-button", hidden: true }, "Stop");
    const share = el("progress", { max: 1, hidden: true, "aria-label": "How far it is" });
    const said = el("p", { class: "pg-said", role: "status" });
    const box = el("div", { class: "pg-runner" }, button, stop, share, said);
    let running = false, stopped = false, late = 0, controller = null;

    function rest() {
      const why = unavailable();
      button.disabled = Boolean(why);
      said.textContent = why || live().notice();
    }

    function tell({ text, share: part }) {
      if (stopped) return;
      said.textContent = `${text}${/[.…]$/.test(text) ? "" : " …"}`;
      if (part === undefined || part === null) share.removeAttribute("value");
      else share.value = part;
    }

    async function run() {
      if (running || unavailable()) return;
      running = true;
      stopped = false;
      late = 0;
      controller = new AbortController(); // its own: what runs now may be another's
      box.setAttribute("aria-busy", "true");
      stop.hidden = share.hidden = false;
      if (document.activeElement === button) stop.focus();
      button.disabled = true;
      let timer = 0;
      const ask = async (name, argument, seconds) => {
        const { signal } = controller;
        const progress = (message) => {
          if (message.clock) clearTimeout(timer);
          if (seconds > 0 && message.clock === "begins") {
            timer = setTimeout(() => { late = seconds; controller.abort(); }, (Math.min(seconds, 600) + GRACE) * 1000);
          }
          tell(message);
        };
        const answer = await live().call(name, argument, { progress, signal });
        if (answer.problem) throw new Error(answer.problem);
        return answer;
      };
      let words = done;
      try {
        words = (await job(ask, tell)) ?? done;
      } catch (error) {
        if (stopped) words = halted;
        else if (late) words = `Python was stopped after ${late} s: your code had not come back. Does each loop in it end? If it is only slow, give it more seconds.`;
        else words = error.message.trim().split("\n").pop();
      }
      clearTimeout(timer);
      running = false;
      box.removeAttribute("aria-busy");
      button.disabled = false;
      const held = document.activeElement === stop;
      stop.hidden = share.hidden = true;
      if (held) button.focus();
      said.textContent = words;
    }

    button.addEventListener("click", run);
    stop.addEventListener("click", () => {
      stopped = true;
      controller?.abort();
    });
    rest();
    return { box, button, said, run, get running() { return running; } };
  }

  /* Let a button copy a text, and say so. */
  function copier(label, text, said) {
    return el("button", {
      type: "button", class: "pg-button",
      async onclick() {
        const copied = text();
        try {
          await navigator.clipboard.writeText(copied);
          said.textContent = "Copied.";
        } catch {
          const field = el("textarea", { readonly: true, "aria-label": label, class: "pg-copied" });
          field.value = copied;
          said.replaceChildren("This browser does not let a page copy. Here it is: ", field);
          field.select();
        }
      },
    }, label);
  }

  window.pgBench = { el, runner, unavailable, copier };
})();
