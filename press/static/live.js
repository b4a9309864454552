/* Python in a page. Nothing is asked for before something is run; then one worker runs one thing after the other.

   window.pgLive is what the cells of a page, its exercises and its other tools share. What a page needs is in
   <script type="application/json" id="pg-live">, which press/live writes. */
(() => {
  "use strict";
  const SILENCE = 120000; // after so many milliseconds without a word, what is loaded is taken to hang
  const here = document.currentScript.src;
  const given = document.getElementById("pg-live");
  const page = given ? JSON.parse(given.textContent) : {};
  const root = new URL(page.root || "./", document.baseURI);

  // ---- Words ----------------------------------------------------------------------------------------------------

  const megabytes = (bytes) => `${Math.max(1, Math.round(bytes / 1e6))} MB`;

  /* Why Python cannot run here, or "". */
  function unavailable() {
    if (location.protocol === "file:") {
      return "Python does not run in a page that was opened as a file: browsers forbid it. It runs where the page comes from a server, such as the published site.";
    }
    if (!page.python) return "This copy of the site was built without Python.";
    if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
      return "This browser has no WebAssembly, which Python needs here. A newer browser has it.";
    }
    return "";
  }

  /* What is to be said before anything is asked for, or "" once Python is there. */
  function notice(packages = []) {
    if (!page.python || isReady) return "";
    const bytes = packages.includes("matplotlib") ? page.python.figures : page.python.text;
    const size = bytes ? `${megabytes(bytes)}, once` : "Python, once";
    if (!page.python.host) return `The first run loads ${size}.`;
    return `The first run loads ${size}, some of it from ${page.python.host}, which is not this site.`;
  }

  /* What is told when Python could not be loaded. */
  function failure(words) {
    return new Error(`Python could not be loaded: ${words}. The page is as it was. Press the button to try again.`);
  }

  // ---- The worker -----------------------------------------------------------------------------------------------

  let worker = null, started = null, isReady = false, listen = () => {}, giveUp = null;
  let line = Promise.resolve(), inLine = 0;

  function end() {
    if (worker) worker.terminate();
    worker = started = null;
    isReady = false;
  }

  /* Start the worker, unless it runs. */
  function start(progress) {
    if (started) return started;
    progress({ text: "Loading Python" });
    started = new Promise((resolve, reject) => {
      let timer;
      const heard = () => {
        clearTimeout(timer);
        timer = setTimeout(() => reject(failure("nothing arrived for two minutes")), SILENCE);
      };
      giveUp = (error) => { clearTimeout(timer); reject(error); };
      heard();
      try {
        worker = new Worker(new URL(`live-worker.mjs?v=${page.python.version}`, here), { type: "module" });
      } catch (error) {
        giveUp(failure(`this browser did not start a worker (${error.message})`));
        return;
      }
      worker.onerror = (event) => {
        event.preventDefault();
        giveUp(failure(event.message || "the worker did not start"));
      };
      worker.onmessage = ({ data }) => {
        if (data.kind === "ready") { clearTimeout(timer); isReady = true; resolve(); }
        else if (data.kind === "failed") giveUp(failure(data.text));
        else { if (!isReady) heard(); listen(data); }
      };
      worker.postMessage({ kind: "start", python: { ...page.python, folder: new URL(page.python.folder, root).href }, folder: page.folder });
    });
    started.catch(end);
    return started;
  }

  /* Ask the worker for something when it is its turn; the answer is {ok, …}. */
  function ask(request, { output = () => {}, progress = () => {}, signal } = {}) {
    const why = unavailable();
    if (why) return Promise.reject(new Error(why));
    const stopped = { ok: false, stopped: true };
    if (inLine++) progress({ text: "Waits until what runs has ended" });
    const answer = line.then(async () => {
      if (signal?.aborted) return stopped;
      return new Promise((resolve, reject) => {
        const leave = () => { end(); resolve(stopped); };
        signal?.addEventListener("abort", leave, { once: true });
        stopRunning = leave;
        listen = (message) => {
          if (message.kind === "done") resolve(message.answer);
          else if (message.kind === "progress") progress(message);
          else if (message.kind === "output") output(message.output);
        };
        start(progress).then(() => {
          giveUp = (error) => { end(); reject(error); };
          worker?.postMessage(request);
        }, reject);
      }).finally(() => { listen = () => {}; stopRunning = () => {}; });
    });
    line = answer.catch(() => {}).then(() => { inLine -= 1; document.dispatchEvent(new Event("pg-live-turn")); });
    return answer;
  }

  let stopRunning = () => {};

  const run = (job, options) => ask({ kind: "run", ...job }, options);

  async function call(name, argument, { packages = [], ...options } = {}) {
    const answer = await ask({ kind: "call", name, argument: JSON.stringify(argument ?? null), packages }, options);
    if (answer.stopped) throw new Error("Stopped.");
    if (!answer.ok) throw Object.assign(new Error(answer.error.text), { line: answer.error.line });
    return JSON.parse(answer.value);
  }

  // ---- What is typed is kept ------------------------------------------------------------------------------------

  const prefix = `pg-live ${root.pathname} ${page.page || ""} `;

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(prefix + key));
    } catch {
      return null;
    }
  }

  /* Keep a text, or forget it; `of` says what it was made of, so that it outlives a release that leaves that alone. */
  function keep(key, text, of = "") {
    try {
      if (text === null) localStorage.removeItem(prefix + key);
      else localStorage.setItem(prefix + key, JSON.stringify({ release: page.release, of, text }));
      return true;
    } catch {
      return false; // a private window, or no room
    }
  }

  const isCurrent = (entry, of) => (of ? entry.of === of : entry.release === page.release);

  /* The text that was kept, or null. */
  function kept(key, of = "") {
    const entry = read(key);
    return entry && isCurrent(entry, of) ? entry.text : null;
  }

  /* A text that was kept for what an earlier release had there, or null. */
  function outdated(key, of = "") {
    const entry = read(key);
    return entry && !isCurrent(entry, of) ? entry.text : null;
  }

  function forget() {
    try {
      for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
    } catch { /* then nothing is kept */ }
  }

  // ---- What a run shows -----------------------------------------------------------------------------------------

  const make = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  /* Show an output below the others of a box, as it looks when the page is built. */
  function show(box, { kind, data }) {
    const text = data["text/plain"] ?? "";
    const last = box.lastElementChild;
    if (kind !== "display" && last?.dataset.stream === kind) {
      last.querySelector("pre").append(text);
      return last;
    }
    let shown;
    if (kind === "display" && data["text/html"] !== undefined) {
      shown = make("div", { class: "output text_html" });
      shown.innerHTML = data["text/html"];
    } else if (kind === "display" && data["image/svg+xml"] !== undefined) {
      shown = make("div", { class: "output image_svg" });
      shown.innerHTML = data["image/svg+xml"];
    } else if (kind === "display" && data["image/png"] !== undefined) {
      shown = make("div", { class: "output image_png" }, make("img", { src: `data:image/png;base64,${data["image/png"]}`, alt: text }));
    } else {
      const names = kind === "display" ? "text_plain" : kind === "stderr" ? "stderr" : "stream";
      shown = make("div", { class: `output ${names} highlight-myst-ansi notranslate` });
      shown.append(make("div", { class: "highlight" }, make("pre", {}, text)));
      if (kind !== "display") shown.dataset.stream = kind;
    }
    box.append(shown);
    shown.dispatchEvent(new Event("pg-shown", { bubbles: true }));
    return shown;
  }

  // ---- The editor -----------------------------------------------------------------------------------------------

  function editor(box, { value = "", label = "Code", run: onRun = () => {}, changed = () => {} } = {}) {
    const field = make("textarea", { class: "pg-editor", "aria-label": label, spellcheck: "false", autocapitalize: "off", autocomplete: "off" });
    field.value = value;
    const fit = () => { field.rows = Math.max(field.value.split("\n").length, 1); };
    field.addEventListener("input", () => { fit(); changed(field.value); });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      if (event.shiftKey || event.ctrlKey || event.metaKey) { event.preventDefault(); onRun(); return; }
      const before = field.value.slice(0, field.selectionStart), row = before.slice(before.lastIndexOf("\n") + 1);
      event.preventDefault();
      field.setRangeText(`\n${row.match(/^ */)[0]}${/:\s*(#.*)?$/.test(row) ? "    " : ""}`, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input"));
    });
    fit();
    box.append(field);
    return {
      get value() { return field.value; },
      set value(text) { field.value = text; fit(); },
      focus: () => field.focus(),
      mark() {},
    };
  }

  window.pgLive = {
    page, unavailable, notice, run, call, stop: () => stopRunning(), show, editor, keep, kept, outdated, forget,
    get busy() { return inLine > 0; },
  };
})();
