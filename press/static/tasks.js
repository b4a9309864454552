/* The exercises of a page. A choice, a number and an order are judged here, by what the exercise said to each answer when
   the page was built (pgcode/exercises/_rules.py); a function is checked by Python in the page (live.js). */
(() => {
  "use strict";
  const { readNumber, sixDigits } = globalThis.pgNumbers; // numbers.js

  // ---- What an answer is told ---------------------------------------------------------------------------------------

  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function judgeNumber(rule, number) {
    const isNear = (other) => Math.abs(number - other) <= rule.tolerance * (Math.abs(other) || 1);
    const near = rule.values.flatMap((value, place) => (isNear(value) ? [place] : [])).join(" ");
    if (near in rule.verdicts) return rule.verdicts[near];
    const verdict = rule["far off"][number < rule.values[0] ? "small" : "large"];
    return { ...verdict, sentences: verdict.sentences.map((words) => fill(words, { number: sixDigits(number) })) };
  }

  function judgeOrder(rule, order) {
    const known = rule.verdicts[order.join(" ")];
    if (known) return known;
    const decoy = order.find((label) => label in rule.decoys);
    if (decoy) return rule.decoys[decoy];
    const [heading, sentences] = howFar(rule, order);
    return { ...rule["not right"], heading: rule.headings[heading], sentences };
  }

  /* How far the order of lines that are all true is right, and what is missing. */
  function howFar({ right, words }, order) {
    const areMissing = (number) => fill(words[number === 1 ? "a line" : "lines"], { number });
    const sameStart = (other) => {
      const end = order.findIndex((label, place) => label !== other[place]);
      return end < 0 ? order.length : end;
    };
    const nearest = right.reduce((best, other) => (sameStart(other) > sameStart(best) ? other : best));
    const reached = sameStart(nearest);
    const missing = nearest.length - order.length;
    const heading = missing === 1 ? "a line" : missing ? "lines" : "order";
    const sentences = missing > 0 ? [fill(words.missing, { missing: areMissing(missing) })] : [];
    if (reached === order.length) return [heading, [...sentences, words["so far"]]];
    const next = order[reached];
    const absent = nearest.slice(reached, nearest.indexOf(next)).filter((label) => !order.includes(label)).length;
    const why = absent ? fill(words.why, { absent: areMissing(absent) }) : words.needs;
    return [heading, [...sentences, fill(words[reached ? "later" : "first"], { last: order[reached - 1], next, why })]];
  }

  // ---- A verdict as it looks when the page is built -----------------------------------------------------------------

  function make(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  // press/outputs/base.py has the same rule. No lookbehind, which older browsers cannot read.
  const SCRIPT = /(^|[^A-Za-z0-9_])(\p{L})_(?:\{([^{}]+)\}|(\d+|\p{L}|[a-z]+)(?![A-Za-z0-9_\u0370-\u03ff]))|\^\(([^()]+)\)/gu;

  /* The parts of a text, with what stands after _ as {sub} and after ^ as {sup}: d_γ, θ_{k+1}, π_old, e^(−z). */
  function withScripts(words) {
    const parts = [];
    let end = 0;
    for (let found; (found = SCRIPT.exec(words));) {
      const [all, before = "", base = "", whole, below, above] = found;
      if (below?.length > 1 && /[a-z]/.test(below) && !/[\u0370-\u03ff]/.test(base)) continue; // a name of code
      parts.push(words.slice(end, found.index) + before + base, above === undefined ? { sub: whole ?? below } : { sup: above });
      end = found.index + all.length;
    }
    return [...parts, words.slice(end)];
  }

  function paragraphs(sentence) {
    const blocks = [];
    for (const line of sentence.split("\n")) {
      const isCode = line.startsWith("    ");
      if (blocks.at(-1)?.isCode === isCode) blocks.at(-1).lines.push(line);
      else blocks.push({ isCode, lines: [line] });
    }
    return blocks.map(({ isCode, lines }) => {
      if (isCode) {
        const indent = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
        return make("pre", {}, lines.map((line) => line.slice(indent)).join("\n"));
      }
      return make("p", {}, ...lines.join(" ").split("`").flatMap((words, place) => (place % 2
        ? make("code", { class: "docutils literal notranslate" }, words)
        : withScripts(words).map((part) => (typeof part === "string" ? part : make(...Object.keys(part), {}, ...Object.values(part)))))));
    });
  }

  // By their whole names: a rule for a class that no script and no page names is left out of the style sheet.
  const OUTCOMES = { right: "is-right", wrong: "is-wrong", nearly: "is-nearly", error: "is-error", "not-attempted": "is-not-attempted" };

  /* What a wrong answer is told begins with what is wrong, and not with the title of the task, which stands above: that would
     read like the name of the mistake. */
  const TITLE = /^([^:(]*)(\([^)]*\))?: .*$/s;
  const NUMBER = /^([-−\d][^\s]* is [^.`\\]+)\.(?:\s+|$)/;

  function withoutTitle(verdict) {
    const found = verdict.outcome === "wrong" && verdict.heading.match(TITLE);
    if (!found) return verdict;
    const [first = "", ...others] = verdict.sentences, [said, number] = first.match(NUMBER) ?? [""];
    if (found[2] || !said) return { ...verdict, heading: found[1] + (found[2] ?? "") };
    return { ...verdict, heading: `${found[1]}: ${number}`, sentences: [first.slice(said.length), ...others].filter(Boolean) };
  }

  function verdictBox(verdict, addresses) {
    const { outcome, mark, heading, sentences, see } = withoutTitle(verdict);
    const head = make("p", { class: "exercise-verdict-head" }, make("span", { class: "pg-mark" }, mark), " ", make("strong", {}, heading));
    const links = see.map(({ page, heading: section, title }) => {
      const words = `“${section}” in the chapter “${title}”`;
      const address = addresses[`${page}#${section}`];
      return make("p", {}, "Explained in ", address ? make("a", { class: "reference internal", href: address }, words) : words, ".");
    });
    return make("div", { class: `exercise-verdict ${OUTCOMES[outcome]}` }, head, ...sentences.flatMap(paragraphs), ...links);
  }

  // ---- What is kept ---------------------------------------------------------------------------------------------------

  /* What a reader has answered in a part, by task, in the browser under the address of this book. An answer is kept as
     long as its task asks the same; where the browser keeps nothing, until the page is left. */
  class Record {
    constructor(root, part) {
      this.key = `pg-tasks ${root} ${part}`;
      try {
        this.tasks = JSON.parse(localStorage.getItem(this.key)) ?? {};
      } catch {
        this.tasks = {};
      }
    }
    of(name, asks) {
      const kept = this.tasks[name];
      return kept?.asks === asks ? kept : { asks };
    }
    put(name, entry) {
      this.tasks[name] = entry;
      this.save();
    }
    clear() {
      this.tasks = {};
      this.save();
    }
    save() {
      try {
        if (Object.keys(this.tasks).length) localStorage.setItem(this.key, JSON.stringify(this.tasks));
        else localStorage.removeItem(this.key);
      } catch { /* a private window, or no room */ }
    }
  }

  // ---- Answers --------------------------------------------------------------------------------------------------------

  const WORDS = { solved: "solved", tried: "tried" };

  /* A task with its form: what is answered is in the subclasses. */
  class Task {
    constructor(box, record, changed) {
      this.box = box;
      this.name = box.dataset.name;
      this.record = record;
      this.changed = changed;
      this.data = JSON.parse(box.querySelector(".pg-task-data").textContent);
      this.form = box.querySelector(".pg-task-form");
      this.status = box.querySelector(".pg-task-status");
      this.verdict = box.querySelector(".pg-task-verdict");
      this.check = this.form.querySelector('[type="submit"]');
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.judge();
      });
      this.form.querySelector(".pg-task-again").addEventListener("click", () => this.again());
      this.begin();
      const { answer } = this.entry;
      if (answer !== undefined) this.answer = answer;
      this.tell();
    }
    get entry() { return this.record.of(this.name, this.data.asks); }
    get state() { return this.entry.state ?? "open"; }
    begin() {}

    /* Keep what is answered, and the answer that was right; an empty answer is none. */
    note(state = this.entry.state, right = this.entry.right) {
      this.record.put(this.name, { asks: this.data.asks, answer: this.answer, state, right });
      this.tell();
    }
    /* Solved, but not by what stands there now. */
    get isOther() {
      const { right } = this.entry;
      return right !== undefined && this.answer !== undefined && String(this.answer) !== String(right);
    }
    tell() {
      this.box.dataset.state = this.state;
      this.box.querySelector(".pg-task-state").textContent = this.isOther ? "solved before" : WORDS[this.state] ?? "";
      this.changed();
    }
    again() {
      this.verdict.replaceChildren();
      this.status.textContent = "";
      this.answer = null;
      this.record.put(this.name, { asks: this.data.asks, state: this.entry.state, right: this.entry.right });
      this.tell();
      this.focus();
    }
    forget() {
      this.verdict.replaceChildren();
      this.status.textContent = "";
      this.answer = null;
      this.tell();
    }
    /* Say what is still to be done before there is a verdict. */
    ask(sentence) {
      this.verdict.replaceChildren(make("p", { class: "pg-task-note" }, sentence));
    }
    show(verdict, ...notes) {
      const said = notes.filter(Boolean).map((note) => make("p", { class: "pg-task-note" }, note));
      this.verdict.replaceChildren(...said, verdictBox(verdict, this.data.places));
      // A task that was solved once stays solved: who tries what a wrong answer is told loses nothing.
      if (verdict.outcome === "right") this.note("solved", this.answer);
      else this.note(this.state === "solved" || verdict.outcome === "not-attempted" ? this.entry.state : "tried");
    }
    stale() {
      this.verdict.querySelector(".exercise-verdict")?.classList.add("is-stale");
    }
  }

  class Choice extends Task {
    begin() {
      this.form.addEventListener("change", () => {
        this.verdict.replaceChildren();
        this.note();
      });
    }
    get radios() { return [...this.box.querySelectorAll('input[type="radio"]')]; }
    get answer() { return this.radios.find((radio) => radio.checked)?.value; }
    set answer(value) { for (const radio of this.radios) radio.checked = radio.value === value; }
    focus() { this.radios[0].focus(); }
    judge() {
      const { answer } = this;
      if (answer === undefined) {
        this.ask("Choose an answer first.");
        this.focus();
      } else this.show(this.data.rule.verdicts[answer]);
    }
  }

  class NumberTask extends Task {
    begin() {
      this.field.addEventListener("input", () => {
        this.verdict.replaceChildren();
        this.note();
      });
    }
    get field() { return this.box.querySelector('input[type="text"]'); }
    get answer() { return this.field.value || undefined; }
    set answer(value) { this.field.value = value ?? ""; }
    focus() { this.field.focus(); }
    judge() {
      if (!this.field.value.trim()) {
        this.ask("Write a number first.");
        this.focus();
        return;
      }
      const { number, note, problem } = readNumber(this.field.value);
      if (problem) this.ask(problem);
      else this.show(judgeNumber(this.data.rule, number), note);
    }
  }

  class Order extends Task {
    begin() {
      this.chosen = this.box.querySelector(".pg-lines.is-chosen");
      this.left = this.box.querySelector(".pg-lines.is-left");
      this.lines = [...this.left.children];
      this.form.addEventListener("click", (event) => {
        const button = event.target.closest("[data-move]");
        if (button) this.move(button.closest(".pg-line"), button.dataset.move);
      });
      this.form.addEventListener("pointerdown", (event) => {
        const handle = event.target.closest(".pg-line-handle");
        if (handle && event.button === 0) this.drag(handle.closest(".pg-line"), event);
      });
      this.arrange();
    }
    get answer() {
      const labels = [...this.chosen.children].map((line) => line.dataset.label);
      return labels.length ? labels : undefined;
    }
    set answer(labels) {
      const wanted = (labels ?? []).map((label) => this.lines.find((line) => line.dataset.label === label)).filter(Boolean);
      this.left.append(...this.lines);
      this.chosen.append(...wanted);
      this.arrange();
    }
    focus() { this.left.querySelector("button")?.focus(); }
    /* The lines that are not used stay in their first order; at the ends there is nowhere to go. */
    arrange() {
      this.left.append(...this.lines.filter((line) => line.parentElement === this.left));
      const chosen = [...this.chosen.children];
      chosen.forEach((line, place) => {
        line.querySelector('[data-move="up"]').disabled = place === 0;
        line.querySelector('[data-move="down"]').disabled = place === chosen.length - 1;
      });
    }
    move(line, way) {
      if (way === "use") this.chosen.append(line);
      else if (way === "out") this.left.append(line);
      else if (way === "up") line.previousElementSibling?.before(line);
      else line.nextElementSibling?.after(line);
      this.moved(line);
      const other = { up: "down", down: "up", use: "out", out: "use" }[way];
      const again = line.querySelector(`[data-move="${way}"]`);
      const next = way === "use" ? this.left.querySelector("button") : null; // the next line to use
      (next ?? (again.disabled || !again.checkVisibility() ? line.querySelector(`[data-move="${other}"]`) : again)).focus({ preventScroll: true });
    }
    moved(line) {
      this.arrange();
      const place = [...this.chosen.children].indexOf(line) + 1;
      const { label } = line.dataset;
      this.status.textContent = place ? `Line ${label} is number ${place} of ${this.chosen.children.length}.` : `Line ${label} is not used.`;
      this.verdict.replaceChildren();
      this.note();
    }
    drag(line, event) {
      event.preventDefault();
      const before = [line.parentElement, line.nextElementSibling];
      this.form.setPointerCapture(event.pointerId); // the handle moves in the page, and what is moved is let go
      line.classList.add("is-dragged");
      this.box.classList.add("is-sorting");
      const follow = ({ clientY }) => {
        const list = clientY < this.left.getBoundingClientRect().top - 8 ? this.chosen : this.left;
        const after = [...list.children].find((other) => {
          const { top, height } = other.getBoundingClientRect();
          return other !== line && clientY < top + height / 2;
        });
        if (list === this.left) { if (line.parentElement !== list) list.append(line); }
        else if (after !== line.nextElementSibling || line.parentElement !== list) list.insertBefore(line, after ?? null);
      };
      const leave = () => {
        line.classList.remove("is-dragged");
        this.box.classList.remove("is-sorting");
        this.form.removeEventListener("pointermove", follow);
        if (line.parentElement !== before[0] || line.nextElementSibling !== before[1]) this.moved(line);
        else this.arrange();
      };
      this.form.addEventListener("pointermove", follow);
      this.form.addEventListener("lostpointercapture", leave, { once: true });
    }
    judge() {
      const { answer } = this;
      if (!answer) {
        this.ask("Put the first line in its place first: press Use beside it.");
        this.focus();
      } else this.show(judgeOrder(this.data.rule, answer));
    }
  }

  class FunctionTask extends Task {
    begin() {
      this.given = this.data.source;
      const cell = this.box.querySelector(".pg-task-code");
      const live = window.pgLive;
      const why = live ? live.unavailable() : "This copy of the site was built without Python.";
      if (why) {
        this.check.disabled = true;
        this.form.querySelector(".pg-task-again").disabled = true;
        this.status.textContent = `${why} The notebook of this page can be done elsewhere.`;
        return;
      }
      // The editor is asked for when there is something to edit.
      const button = (words, kind = "") => make("button", { type: "button", class: `pg-task-button ${kind}` }, words);
      this.opener = button("Edit");
      this.opener.addEventListener("click", () => this.focus());
      cell.addEventListener("click", (event) => {
        const copies = event.target.closest("button") || !document.getSelection().isCollapsed;
        if (!this.editor && !copies) this.focus();
      });
      this.check.after(this.opener);
      this.stop = button("Stop");
      this.stop.hidden = true;
      this.stop.addEventListener("click", () => this.controller.abort());
      this.check.after(this.stop);
      this.notice();
      document.addEventListener("pg-live-turn", () => this.notice());
    }
    edit() {
      if (this.editor || !this.opener) return;
      const cell = this.box.querySelector(".pg-task-code");
      cell.firstElementChild.hidden = true;
      this.opener.hidden = true;
      this.editor = window.pgLive.editor(cell, {
        value: this.given,
        label: `Your answer: ${this.data.title}`,
        run: () => this.judge(),
        changed: () => {
          this.stale();
          this.note();
        },
      });
    }
    again() {
      this.drop();
      super.again();
    }
    forget() {
      this.drop();
      super.forget();
    }
    /* What is being checked is wanted no more, and is told nothing. */
    drop() {
      const { controller } = this;
      this.controller = null;
      controller?.abort();
    }
    get answer() {
      return this.editor && this.editor.value !== this.given ? this.editor.value : undefined;
    }
    set answer(text) {
      if (text) this.edit();
      if (this.editor) this.editor.value = text ?? this.given;
    }
    focus() {
      this.edit();
      this.editor?.focus();
    }
    notice() {
      if (!this.running) this.status.textContent = window.pgLive.notice(this.data.packages);
    }
    /* Ask Python about what is written, with Stop beside it. Resolves with the answer, or with nothing where there is
       none: then `told` has got a sentence, or what was asked is wanted no more. */
    async request(name, more, told) {
      if (this.running || !this.editor) return undefined;
      this.running = true;
      const controller = this.controller = new AbortController(); // its own: another task may be the one that runs
      const active = document.activeElement;
      this.stop.hidden = false;
      if (active === this.check || this.verdict.contains(active)) this.stop.focus();
      this.check.disabled = true;
      this.editor.mark?.(null);
      const { part, name: task, setup, packages } = this.data;
      let answer;
      try {
        answer = await window.pgLive.call(
          `exercise.${name}`,
          { part, name: task, setup, source: this.editor.value, ...more },
          { packages, signal: controller.signal, progress: ({ text }) => { this.status.textContent = `${text} …`; } },
        );
      } catch (error) {
        if (this.controller === controller) told(error.message === "Stopped."
          ? "Stopped. Your code is as you left it: look for a loop that never ends, and check again."
          : error.message);
      }
      this.running = false;
      this.check.disabled = false;
      if (document.activeElement === this.stop) (document.contains(active) ? active : this.check).focus();
      this.stop.hidden = true;
      this.status.textContent = "";
      return this.controller === controller ? answer : undefined;
    }
    async judge() {
      if (!this.editor && this.opener) {
        this.ask("Write your answer first: put it in the place of the dots.");
        this.focus();
        return;
      }
      const source = this.editor?.value;
      const answer = await this.request("check", {}, (sentence) => this.ask(sentence));
      if (answer) this.tellOf(source, answer);
    }
    /* Below a verdict: a button that runs what is written now in the case in which the answer failed. */
    offerCase(number) {
      const run = make("button", { type: "button", class: "pg-task-button" }, "Run this case");
      const shown = make("pre", { class: "pg-task-printed is-case", tabindex: "0", "aria-label": "Your function in this case" });
      run.addEventListener("click", async () => {
        const answer = await this.request("case", { number }, (sentence) => {
          run.after(shown);
          shown.textContent = sentence;
        });
        if (!answer) return;
        if (answer.line) this.editor.mark?.(answer.line);
        if (answer.verdict) this.verdict.replaceChildren(verdictBox(answer.verdict, this.data.places)); // it cannot be read
        run.after(shown);
        shown.textContent = answer.shown ?? "";
      });
      this.verdict.append(run);
    }
    /* Say what became of an answer. If it has been changed while it was checked, the verdict is not on what stands there. */
    tellOf(source, { verdict, printed, line, case: number }) {
      if (this.editor.value === source) {
        this.show(verdict);
        if (line) this.editor.mark?.(line);
      } else {
        this.verdict.replaceChildren(verdictBox(verdict, this.data.places));
        this.stale();
        this.verdict.prepend(make("p", { class: "pg-task-note" }, "You have changed your answer since you pressed Check. This is the verdict on what stood there then."));
      }
      if (printed) this.verdict.prepend(make("pre", { class: "pg-task-printed" }, printed));
      if (typeof number === "number") this.offerCase(number);
    }
  }

  const KINDS = { choice: Choice, number: NumberTask, order: Order, function: FunctionTask };

  // ---- The tasks of a page --------------------------------------------------------------------------------------------

  function begin() {
    const overview = document.querySelector(".pg-progress");
    if (!overview) return;
    const { part, root } = overview.dataset;
    const record = new Record(new URL(root, document.baseURI).pathname, part);
    const count = overview.querySelector(".pg-progress-count"), bar = overview.querySelector("progress");
    const forget = overview.querySelector(".pg-progress-forget");
    const tasks = [];
    const tell = () => {
      const solved = tasks.filter((task) => task.state === "solved").length;
      count.textContent = `${solved} of ${bar.max} solved`;
      bar.value = solved;
      forget.hidden = !Object.keys(record.tasks).length;
      for (const { name, state } of tasks) {
        const item = overview.querySelector(`[data-name="${name}"]`);
        item.dataset.state = state;
        item.querySelector(".pg-progress-state").textContent = WORDS[state] ? ` (${WORDS[state]})` : "";
      }
    };
    for (const box of document.querySelectorAll(".pg-task")) tasks.push(new KINDS[box.dataset.kind](box, record, tell));
    forget.addEventListener("click", () => {
      if (!window.confirm("Forget all answers to this page and begin anew?")) return;
      record.clear();
      for (const task of tasks) task.forget();
    });
    tell();
  }

  globalThis.pgTasks = { judgeNumber, judgeOrder, verdictBox, withScripts };
  if (globalThis.document) document.addEventListener("DOMContentLoaded", begin);
})();
