/* Python in a page. Nothing is asked for before something is run; then one worker runs one thing after the other.

   window.pgLive is what the cells of a page, its exercises and its other tools share. What a page needs to know is in
   <script type="application/json" id="pg-live">, which press/live/pages.py writes. */
(() => {
  "use strict";
  const SILENCE = 120000; // after so many milliseconds without a word, what is loaded is taken to hang
  const here = document.currentScript.src;
  const given = document.getElementById("pg-live");
  const page = given ? JSON.parse(given.textContent) : {};
  const root = new URL(page.root || "./", document.baseURI);
  const beside = (name) => new URL(`${name}?v=${page.python?.version}`, here); // a script that is asked for later

  function make(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  // ---- What is said -----------------------------------------------------------------------------------------------

  /* Why Python cannot run here, or "". */
  function unavailable() {
    if (location.protocol === "file:") {
      return "Python does not run in a page that was opened as a file: browsers forbid it. It runs on the website, and where a server on your machine serves this folder.";
    }
    if (!page.python) return "This copy of the website was built without Python.";
    if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
      return "This browser has no WebAssembly, which Python needs in a page. A newer browser has it.";
    }
    return "";
  }

  /* What is to be said beside a button before anything is asked for, or "" once Python is there. */
  function notice(packages = []) {
    if (!page.python || hasLoaded) return "";
    const bytes = packages.includes("matplotlib") ? page.python.figures : page.python.text;
    const size = `${Math.max(1, Math.round(bytes / 1e6))} MB`;
    if (page.python.host) {
      return `The first run loads ${size}, once. Part of it comes from ${page.python.host}, a third party, which then sees your address.`;
    }
    return `The first run loads ${size} from this website, once.`;
  }

  const notLoaded = (words) => new Error(`Python could not be loaded: ${words}. The page is as it was; press the button to try again.`);

  // ---- The worker -------------------------------------------------------------------------------------------------

  let worker = null, started = null, isReady = false, hasLoaded = false, giveUp = () => {}, listen = () => {}, stopRunning = () => {};
  let line = Promise.resolve(), inLine = 0, timer = 0;

  function end() {
    clearTimeout(timer); // else it would end the worker that comes after this one
    if (worker) worker.terminate();
    worker = started = null;
    isReady = false;
  }

  /* Start the worker, unless it runs. */
  function start(progress) {
    if (started) return started;
    progress({ text: "Loading Python" });
    started = new Promise((resolve, reject) => {
      const wait = () => {
        clearTimeout(timer);
        timer = setTimeout(() => giveUp(notLoaded("nothing has arrived for two minutes")), SILENCE);
      };
      giveUp = (error) => { clearTimeout(timer); reject(error); };
      wait();
      try {
        worker = new Worker(beside("live-worker.mjs"), { type: "module" });
      } catch (error) {
        giveUp(notLoaded(`this browser starts no worker here (${error.message})`));
        return;
      }
      worker.onerror = (event) => {
        event.preventDefault();
        const words = event.message || "its worker did not start, because it was blocked or did not arrive";
        giveUp(isReady ? new Error(words) : notLoaded(words));
      };
      worker.onmessage = ({ data }) => {
        if (data.kind === "ready") {
          clearTimeout(timer);
          isReady = hasLoaded = true;
          inStore((store) => store.setItem(loaded, page.python.lock));
          document.dispatchEvent(new Event("pg-live-ready"));
          resolve();
        } else if (data.kind === "failed") giveUp(isReady ? new Error(data.text) : notLoaded(data.text));
        else {
          if (!isReady) wait();
          listen(data);
        }
      };
      const again = inStore((store) => store.getItem(loaded)) === page.python.lock;
      const python = { ...page.python, root: root.href, again };
      worker.postMessage({ kind: "start", python, page: JSON.stringify({ folder: page.folder, root: page.root }) });
    });
    started.catch(end);
    return started;
  }

  /* Ask the worker for something when it is its turn. Resolves with {ok, …}, or {stopped: true}. */
  function ask(request, { output = () => {}, progress = () => {}, again = () => {}, signal } = {}) {
    const why = unavailable();
    if (why) return Promise.reject(new Error(why));
    const stopped = { ok: false, stopped: true };
    if (inLine++) progress({ text: "Waits for what runs already" });
    const answer = line.then(() => {
      if (signal?.aborted) return stopped;
      return new Promise((resolve, reject) => {
        stopRunning = () => { end(); resolve(stopped); };
        signal?.addEventListener("abort", stopRunning, { once: true });
        listen = (message) => {
          if (message.kind === "done") resolve(message.answer);
          else if (message.kind === "refused") reject(new Error(message.text));
          else if (message.kind === "progress") progress(message);
          else if (message.kind === "output") output(message.output);
          else if (message.kind === "again") again();
        };
        start(progress).then(() => {
          giveUp = (error) => {
            end();
            reject(new Error(`Python ended by itself (${error.message}). The next run starts it anew.`));
          };
          worker?.postMessage(request);
        }, reject);
      }).finally(() => {
        signal?.removeEventListener("abort", stopRunning);
        listen = stopRunning = () => {};
      });
    });
    line = answer.catch(() => {}).then(() => {
      inLine -= 1;
      document.dispatchEvent(new Event("pg-live-turn"));
    });
    if (!signal) return answer;
    // What waits for another run is stopped at once, and not when that run has ended.
    const aborted = new Promise((resolve) => {
      const stop = () => resolve(stopped);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
    return Promise.race([answer, aborted]);
  }

  const run = (job, options) => ask({ kind: "run", ...job }, options);

  async function call(name, argument = null, { packages = [], ...options } = {}) {
    const answer = await ask({ kind: "call", name, argument: JSON.stringify(argument), packages }, options);
    if (answer.stopped) throw new Error("Stopped.");
    if (!answer.ok) throw Object.assign(new Error(answer.error.text), { line: answer.error.line });
    return JSON.parse(answer.value);
  }

  // ---- What is typed is kept --------------------------------------------------------------------------------------

  const prefix = `pg-live ${root.pathname} ${page.page || ""} `;
  const loaded = `pg-python ${root.pathname}`; // which Python this browser has had

  /* What is done with what this browser keeps; undefined where it keeps nothing: a private window, or no room. */
  function inStore(act) {
    try {
      return act(localStorage);
    } catch {
      return undefined;
    }
  }

  const read = (key) => inStore((store) => JSON.parse(store.getItem(prefix + key))) ?? null;

  /* Keep a text, or forget it. `of` names what it was made of: with it the text outlives a release that leaves that
     alone, without it the text is for one release. Tells whether the browser keeps it. */
  function keep(key, text, of = "") {
    return inStore((store) => {
      if (text === null) store.removeItem(prefix + key);
      else store.setItem(prefix + key, JSON.stringify({ release: page.release, of, text }));
      return true;
    }) ?? text === null;
  }

  const isCurrent = (entry, of) => (of ? entry.of === of : entry.release === page.release);

  /* The text that is kept, or null. */
  function kept(key, of = "") {
    const entry = read(key);
    return entry && isCurrent(entry, of) ? entry.text : null;
  }

  const keys = () => inStore(Object.keys)?.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)) ?? [];

  const forget = () => keys().forEach((key) => keep(key, null));

  /* A short name for a text. */
  function fingerprint(text) {
    let one = 5381, other = 52711;
    for (const letter of text) {
      one = Math.imul(one, 33) ^ letter.codePointAt(0);
      other = Math.imul(other, 31) + letter.codePointAt(0);
    }
    return [one, other].map((value) => (value >>> 0).toString(36)).join("");
  }

  // ---- Formulas ---------------------------------------------------------------------------------------------------

  /* Set the formulas of a part of the page: those that the page has somewhere are copied. */
  function setFormulas(box) {
    const waiting = [];
    for (const place of box.querySelectorAll("[data-formula]")) {
      const { formula, display } = place.dataset;
      const same = [...document.querySelectorAll("mjx-container[data-tex]")].find(
        (other) => other.dataset.tex === formula.trim() && other.hasAttribute("display") === Boolean(display),
      );
      if (same && !display) place.replaceWith(same.cloneNode(true)); // in a line it is one element, as the page writes it
      else if (same) place.replaceChildren(same.cloneNode(true));
      else {
        place.replaceChildren(make("code", {}, formula));
        waiting.push([place, formula.trim(), Boolean(display)]);
      }
      delete place.dataset.formula;
      delete place.dataset.display;
    }
    if (!waiting.length) return;
    import(beside("live-formulas.mjs")).then((typesetter) => typesetter.set(waiting, page.tex, root)).catch(() => {}); // the source of a formula stays
  }

  // ---- What a run shows -------------------------------------------------------------------------------------------

  /* Lines of text as the page has them: one that is too long for a phone is set in where it breaks. */
  function* lines(text) {
    for (const row of text.split(/(?<=\n)/)) {
      const length = row.trimEnd().length;
      if (length <= 34) yield row;
      else {
        const long = make("span", { class: "pg-long" }, row);
        long.style.setProperty("--pg-hanging", `${length - row.trim().length + 4}ch`);
        yield long;
      }
    }
  }

  const KINDS = { stdout: "stream", stderr: "stderr", error: "traceback", display: "text_plain" };

  /* Show an output below the others of a box, as it looks when the page is built. */
  function show(box, { kind, data }) {
    const text = data["text/plain"] ?? "";
    const last = box.lastElementChild;
    if (kind !== "display" && last?.dataset.stream === kind) {
      last.querySelector("pre").append(...lines(text));
      return last;
    }
    let shown;
    const html = data["text/html"] ?? data["image/svg+xml"];
    if (html !== undefined) {
      shown = make("div", { class: "output text_html" });
      shown.innerHTML = html;
      // the frames of a slider are texts
      for (const frame of shown.querySelectorAll("script.pg-frame")) {
        const content = make("div");
        content.innerHTML = frame.textContent;
        setFormulas(content);
        frame.textContent = content.innerHTML;
      }
      setFormulas(shown);
    } else if (data["text/latex"] !== undefined) {
      const formula = make("div", { class: "math notranslate", "data-display": "true" });
      formula.dataset.formula = data["text/latex"].replace(/^\s*\$+|\$+\s*$/g, "");
      shown = make("div", { class: "output text_html" }, formula);
      setFormulas(shown);
    } else if (data["image/png"] !== undefined) {
      shown = make("div", { class: "output image_png" }, make("img", { src: `data:image/png;base64,${data["image/png"]}`, alt: text }));
    } else {
      shown = make("div", { class: `output ${KINDS[kind]} highlight-myst-ansi notranslate` });
      shown.append(make("div", { class: "highlight" }, make("pre", {}, ...lines(text))));
      if (kind !== "display") shown.dataset.stream = kind;
    }
    box.append(shown);
    shown.dispatchEvent(new Event("pg-shown", { bubbles: true }));
    return shown;
  }

  // ---- The editor -------------------------------------------------------------------------------------------------

  let helper = null;

  /* The colours, the brackets and the keys of the editor, asked for when there is something to edit. */
  const help = () => location.protocol === "file:" ? Promise.resolve(null) : (helper ??= import(beside("live-editor.mjs")).catch(() => { helper = null; }));

  /* An editor for Python: a field that the browser edits, over the same text in colours. Tab leaves it. */
  function editor(box, { value = "", label = "Code", run: onRun = () => {}, changed = () => {} } = {}) {
    const field = make("textarea", {
      "aria-label": label, "aria-description": "Shift and Enter run it. Tab leaves it.",
      spellcheck: "false", autocapitalize: "off", autocomplete: "off", autocorrect: "off", translate: "no",
    });
    const colours = make("pre", { "aria-hidden": "true" });
    const whole = make("div", { class: "pg-editor highlight" }, colours, field);
    let marked = 0, tools = null;

    function paint() {
      const rows = tools ? tools.rows(field) : field.value.split("\n").map((row) => make("span", {}, `${row}\n`));
      rows[marked - 1]?.classList.add("pg-marked");
      colours.replaceChildren(...rows);
    }

    function mark(row) {
      marked = row || 0;
      if (marked) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
      paint();
    }

    field.addEventListener("input", () => { mark(0); changed(field.value); });
    for (const event of ["focus", "blur", "keyup", "pointerup"]) field.addEventListener(event, paint);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey) && !event.isComposing) {
        event.preventDefault();
        onRun();
      } else tools?.key(field, event);
    });
    field.value = value;
    paint();
    box.append(whole);
    help().then((loaded) => { tools = loaded; paint(); });
    return {
      box: whole,
      get value() { return field.value; },
      set value(text) { field.value = text; mark(0); },
      focus(place) {
        const go = () => {
          field.focus({ preventScroll: true });
          if (place !== undefined) field.setSelectionRange(place, place);
          paint();
        };
        // with a keyboard once a new line is set in; a finger is answered at once, or no keyboard comes up
        if (tools || matchMedia("(pointer: coarse)").matches) go();
        else help().then(go);
      },
      mark, // a line, counted from 1, or none
    };
  }

  // ---- The cells of a page ----------------------------------------------------------------------------------------

  const cells = [];
  let helpsRuns = null;

  /* What a run needs from above, and the outputs that it leaves behind: asked for with the first run. */
  function runs() {
    const tools = { page, root, cells, make, button, keep, kept, ask, resetAll, hasLoaded: () => hasLoaded };
    helpsRuns ??= import(beside("live-runs.mjs")).then((loaded) => loaded.begin(tools));
    helpsRuns.catch(() => { helpsRuns = null; });
    return helpsRuns;
  }

  const button = (text, act, more = {}) => {
    const made = make("button", { type: "button", class: "pg-button", ...more }, text);
    made.addEventListener("click", act);
    return made;
  };

  class Cell {
    constructor(place) {
      this.number = +place.dataset.cell;
      this.place = place;
      this.code = place.parentElement;
      this.cell = place.closest(".cell");
      this.block = this.code.firstElementChild;
      this.pre = this.block.querySelector("pre");
      this.given = this.pre.textContent.replace(/\n+$/, "");
      this.name = fingerprint(this.given) + (place.dataset.twin ? `.${place.dataset.twin}` : "");
      this.ran = read(`ran ${this.name}`)?.text ?? null;
      this.editor = null;
      const smaller = this.smaller = place.dataset.smaller && JSON.parse(place.dataset.smaller);
      this.buttons = {
        run: button("Run", () => this.run()),
        ...smaller && { less: button(`Run ${smaller.called}`, () => this.run(smaller)) }, // for what takes long
        stop: button("Stop", () => this.controller?.abort(), { hidden: "" }),
        edit: button("Edit", () => this.edit(true)),
        reset: button("Reset", () => this.reset(true), { hidden: "" }),
      };
      this.status = make("span", { class: "pg-status", role: "status" });
      this.clock = make("span", { class: "pg-clock", "aria-hidden": "true" });
      this.bar = make("progress", { class: "pg-share", max: "1", hidden: "", "aria-label": "How far it is" });
      this.note = make("span", { class: "pg-note" });
      place.append(...Object.values(this.buttons), this.bar, this.status, this.clock, this.note);
      this.block.addEventListener("click", (event) => this.clicked(event));
      const text = read(`cell ${this.name}`)?.text;
      if (text !== undefined) {
        this.edit(false, text);
        this.isUnrun = true;
      }
      this.tell();
    }

    get packages() { return page.drawing?.includes(this.number) ? ["matplotlib"] : []; }
    get text() { return this.editor ? this.editor.value : this.given; }
    /* The code with the changes that make it smaller, some of which may be in cells above; null where it lacks them. */
    get smallerText() {
      return this.smaller.edits.reduce((text, [number, from, to]) => {
        if (number !== this.number || text === null) return text;
        return text.includes(from) ? text.replace(from, () => to) : null;
      }, this.text);
    }
    get isChanged() { return this.text.trimEnd() !== this.given; }

    /* A click of a mouse into the code begins to edit it there; one that ends a selection does not. */
    clicked(event) {
      if (event.pointerType && event.pointerType !== "mouse") return;
      if (event.target.closest("button, a") || !document.getSelection().isCollapsed) return;
      const spot = document.caretPositionFromPoint?.(event.clientX, event.clientY);
      let node = spot?.offsetNode, offset = spot?.offset;
      if (!spot && document.caretRangeFromPoint) {
        ({ startContainer: node, startOffset: offset } = document.caretRangeFromPoint(event.clientX, event.clientY));
      }
      if (!node || !this.pre.contains(node)) return;
      const range = document.createRange();
      range.selectNodeContents(this.pre);
      range.setEnd(node, offset);
      this.edit(true, this.given, range.toString().length);
    }

    /* Put the editor in the place of the code. */
    edit(focus, text = this.given, place) {
      if (!this.editor) {
        this.editor = editor(this.code, {
          value: text,
          label: "Code of this cell",
          run: () => this.run(),
          changed: () => this.keep(),
        });
        this.block.after(this.editor.box);
        this.block.hidden = true;
        this.buttons.edit.hidden = true;
      }
      if (focus) this.editor.focus(place);
    }

    keep() {
      const text = this.isChanged ? this.text : null;
      const done = store(`cell ${this.name}`, text, this.number);
      this.note.textContent = done ? "" : "This browser keeps nothing here: what you type is gone when you leave the page.";
      this.tell();
    }

    /* Say which buttons there are, and what is to be known before a run. */
    tell() {
      this.buttons.reset.hidden = !(this.isChanged || this.ran !== null);
      if (this.smaller) this.buttons.less.hidden = this.controller || this.smallerText === null;
      if (this.controller || this.said) return;
      const isFirst = !cells.length || cells[0] === this;
      this.status.textContent = (isFirst && unavailable()) || (isFirst || page.python?.host ? notice(this.packages) : "");
    }

    /* The code and the output of the book. */
    reset(focus) {
      this.controller?.abort();
      if (this.editor) {
        this.editor.box.remove();
        this.editor = null;
        this.block.hidden = false;
        this.buttons.edit.hidden = false;
      }
      if (this.before) {
        this.output.replaceChildren(...this.before);
        this.output.hidden = !this.before.length;
        this.before = null;
        this.output.classList.remove("pg-stale");
        this.output.dispatchEvent(new Event("pg-reset", { bubbles: true }));
      }
      this.ran = this.made = null;
      this.isUnrun = false;
      this.said = "";
      helpsRuns?.then((helps) => helps.update());
      store(`cell ${this.name}`, null);
      store(`ran ${this.name}`, null);
      this.note.replaceChildren();
      this.status.textContent = "";
      this.tell();
      if (focus) this.buttons.edit.focus();
    }

    get output() {
      let output = this.cell.querySelector(".cell_output");
      if (!output) {
        output = make("div", { class: "cell_output docutils container" });
        this.cell.append(output);
      }
      return output;
    }

    /* An empty place for what a run shows; what was shown before comes back with Reset. */
    empty() {
      const output = this.output;
      this.before ??= [...output.childNodes];
      output.replaceChildren();
      output.hidden = false;
      output.classList.remove("pg-stale");
      this.isFresh = false;
      return output;
    }

    say(text) {
      this.said = text;
      this.status.textContent = text;
      this.told?.(text); // where the cell is marked
    }

    async run(smaller) {
      if (this.controller) return;
      const controller = this.controller = new AbortController();
      const text = smaller ? this.smallerText : this.text;
      let began = performance.now(), isOld = false;
      const { run: runButton, stop: stopButton } = this.buttons;
      const hadFocus = this.place.contains(document.activeElement);
      stopButton.hidden = false;
      runButton.hidden = true;
      this.tell();
      if (hadFocus) stopButton.focus();
      this.note.replaceChildren();
      this.editor?.mark(0);
      this.isFresh = true;
      this.output.classList.add("pg-stale");
      const seconds = () => ((performance.now() - began) / 1000);
      const clock = setInterval(() => {
        this.clock.textContent = seconds() < 2 ? "" : `${Math.floor(seconds())} s`;
      }, 250);
      const show_ = (output) => show(this.isFresh ? this.empty() : this.output, output);
      try {
        const why = unavailable();
        if (why) throw new Error(why);
        let helps, job, state;
        try {
          helps = await runs();
          job = await helps.job(this, text, smaller?.edits);
          state = helps.state(this.number);
        } catch (error) {
          throw notLoaded(`what this cell needs from above did not arrive (${error.message})`);
        }
        const answer = controller.signal.aborted ? { stopped: true } : await run(job, {
          signal: controller.signal,
          output: show_,
          again: () => { this.isFresh = true; },
          progress: ({ text: words, share }) => {
            if (words === "Running" && !this.isRunning) began = performance.now(); // without what it took to load
            this.isRunning = words === "Running" || this.isRunning;
            this.say(`${words} …`);
            this.bar.hidden = share === undefined || share === null;
            if (!this.bar.hidden) this.bar.value = share;
          },
        });
        if (answer.stopped) {
          isOld = this.isFresh && !!this.before;
          this.say(`Stopped after ${seconds().toFixed(1)} s.${isOld ? " Shown is the run before." : ""}`);
        } else {
          const isSilent = this.isFresh;
          if (isSilent) this.empty();
          if (answer.ok) {
            this.say(`Done in ${seconds().toFixed(1)} s.${isSilent ? " It shows nothing: run what uses it, below." : ""}`);
            this.ran = text.trimEnd() === this.given ? null : text;
            store(`ran ${this.name}`, this.ran, this.number);
            if (smaller) this.output.prepend(make("p", { class: "pg-smaller" }, smaller.said));
          } else this.fail(answer.error, show_);
          helps.mention(this, answer.uses ?? []);
          helps.ran(this, state);
        }
      } catch (error) {
        this.say(error.message);
      } finally {
        clearInterval(clock);
        this.clock.textContent = "";
        this.bar.hidden = true;
        this.output.classList.toggle("pg-stale", isOld);
        if (!this.output.childNodes.length) this.output.hidden = true;
        const wasThere = document.activeElement === stopButton;
        this.controller = null;
        this.isRunning = false;
        runButton.hidden = false;
        stopButton.hidden = true;
        if (wasThere) runButton.focus();
        this.tell();
        helpsRuns?.then((helps) => helps.update());
      }
    }

    fail({ text, line: row, above }, show_) {
      show_({ kind: "error", data: { "text/plain": text } });
      if (above) this.say("What this cell needs from above failed.");
      else this.say(row ? `An error, in line ${row}.` : "An error.");
      if (row && row <= this.text.split("\n").length) {
        this.edit(false, this.text);
        this.editor.mark(row);
      }
    }
  }

  /* Keep a text of a cell under a name that is made of the code that the book has there. */
  function store(key, text, number = 0) {
    return keep(key, text, String(number));
  }

  function resetAll() {
    const active = document.activeElement;
    cells.forEach((cell) => cell.reset(false));
    if (!document.contains(active) || active.hidden) cells[0]?.buttons.run.focus();
  }

  /* What the reader wrote into a cell that this release has otherwise is offered, and can be dropped. */
  function offerOld() {
    const names = new Set(cells.map((cell) => cell.name));
    for (const key of keys().filter((one) => /^(cell|ran) /.test(one) && !names.has(one.replace(/^\w+ /, "")))) {
      const entry = read(key);
      // A cell that is folded away has no place yet, and what was typed into it stays.
      if (entry && !cells.some((one) => one.number === Number(entry.of))) continue;
      const cell = cells.find((one) => one.number >= Number(entry?.of)) ?? cells.at(-1);
      if (key.startsWith("ran ") || !entry) keep(key, null);
      else help().then((helps) => helps?.old(cell, entry, () => keep(key, null)));
    }
  }

  /* Give the cells of a part of the page their buttons. */
  function attach(part) {
    const before = cells.length;
    for (const place of part.querySelectorAll(".pg-run:empty")) cells.push(new Cell(place));
    cells.sort((one, other) => one.number - other.number);
    return cells.length > before;
  }

  window.pgLive = {
    page, unavailable, notice, run, call, stop: () => stopRunning(), show, editor, keep, kept, forget,
    fingerprint, setFormulas,
    get busy() { return inLine > 0; },
  };

  function begin() {
    if (!page.cells || !page.python) return;
    attach(document);
    // what is folded away has no elements until it is opened
    document.addEventListener("pg-unfolded", (event) => attach(event.target));
    document.addEventListener("pg-live-ready", () => cells.forEach((cell) => cell.tell()));
    offerOld();
    if (kept("behind") || cells.some((cell) => cell.isUnrun)) runs();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
