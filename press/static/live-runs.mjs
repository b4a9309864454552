/* What a cell's run needs from above, and which outputs of the page a run leaves behind. live.js asks for this file when a
   cell is first run, or when the browser has kept what was typed into one.

   An output is of the code as printed until its cell is run. Once a cell that it uses has been changed and run, it is
   marked, at the output: it says what it still shows, and offers to run again. What an output uses is asked of the same
   slices that a run takes, so that a change which it does not use marks nothing. */

const BOOK = "[]"; // no cell above is changed

/* Begin, once, with what live.js hands over. */
export function begin({ page, root, cells, make, button, keep, kept, ask, resetAll, hasLoaded }) {
  let along = null, known = null, turn = 0, isQueued = false, last = null;
  const slices = new Map(), marks = new Map();

  /* What goes along with the page: the sources of its cells, and what each needs. */
  function fetchAlong() {
    along ??= fetch(new URL(page.cells, root)).then(async (answer) => {
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      return (known = await answer.json());
    });
    along.catch(() => { along = null; });
    return along;
  }

  const place = (number) => known.numbers.indexOf(number);
  const find = (number) => cells.find((cell) => cell.number === number);

  /* The cells above that the reader has changed and run, each with its code. */
  const above = (number) => cells.filter((cell) => cell.number < number && cell.ran !== null).map((cell) => [cell.number, cell.ran]);

  /* The sources of the page with some changes, as far as they leave something behind. */
  function sources(changes) {
    const made = known.sources.map((source, at) => (known.silent.includes(known.numbers[at]) ? "" : source));
    for (const [number, text] of changes) made[place(number)] = text;
    return made;
  }

  /* What the worker is asked for: the slice of the book, or one of what the reader has made of it. */
  async function job(cell, text, edits = []) {
    await fetchAlong();
    const { number } = cell, { setup, packages } = known.cells[number], changed = above(number);
    const wanted = { cells: [{ source: text }], packages };
    if (!changed.length && !edits.length && text.trimEnd() === cell.given) return { ...wanted, setup: setup.map((part) => known.parts[part]) };
    const whole = sources(changed);
    for (const [other, from, to] of edits) whole[place(other)] = whole[place(other)].replace(from, () => to);
    whole[place(number)] = text;
    return { ...wanted, edited: { sources: whole, index: place(number), changed: changed.map(([other]) => place(other)) } };
  }

  /* The cells above in which something else stands than what ran there. */
  const waiting = ({ number }) => cells.filter((one) => one.number < number && one.text.trimEnd() !== (one.ran ?? one.given).trimEnd());

  const uses = (cell, other) => known.cells[cell.number].setup.some((part) => other.given.includes(known.parts[part]));

  /* Say which of the reader's own changes a run used, and which not. */
  function mention(cell, places) {
    cell.uses = places.length;
    const others = waiting(cell).filter((one) => one.ran !== null || uses(cell, one));
    if (places.length) {
      const words = places.length === 1 ? "It used your change in a cell above." : `It used your changes in ${places.length} cells above.`;
      cell.note.replaceChildren(words, others.length ? " It took the last one that ran, not what stands there now. " : " ", button("Reset all", resetAll));
    } else if (others.some((one) => uses(cell, one))) {
      const runFirst = async () => {
        for (const one of others.filter((other) => uses(cell, other))) await one.run();
        await cell.run();
      };
      cell.note.replaceChildren("It is without your change in a cell above, which has not run. ", button("Run that first", runFirst));
    }
  }

  // ---- Outputs that are of other code ---------------------------------------------------------------------------

  const stateOf = (number) => JSON.stringify(above(number));

  /* What has to be run before a cell, where some cells above are changed: one text. Null where that is not known. */
  async function slice(number, state) {
    const { setup } = known.cells[number], name = `${number} ${state}`;
    if (state === BOOK) return JSON.stringify(setup.map((part) => known.parts[part]));
    if (!slices.has(name)) {
      if (!hasLoaded()) return null; // nothing is loaded for this
      const whole = sources(JSON.parse(state));
      whole[place(number)] = find(number)?.ran ?? known.sources[place(number)];
      const answer = await ask({ kind: "slice", sources: whole, index: place(number) });
      if (!answer.ok) return null;
      slices.set(name, JSON.stringify(answer.slice));
    }
    return slices.get(name);
  }

  const cellOf = (number) => document.querySelector(`.pg-cell-${number}`);

  /* What a cell shows, or nothing. */
  function outputOf(number) {
    const output = cellOf(number)?.querySelector(".cell_output");
    return output && !output.hidden && output.childNodes.length ? output : null;
  }

  /* The cell with its buttons, which it may have in a fold that was never opened. */
  function cellWithButtons(number) {
    if (!find(number)) cellOf(number).querySelector("details")?.dispatchEvent(new Event("pg-unfold", { bubbles: true }));
    return find(number);
  }

  const isSeen = (part) => part.checkVisibility?.() ?? part.getClientRects().length > 0;

  /* Run a cell, and tell how that goes where it is marked: its own buttons may be folded away. */
  async function runAgain(number) {
    const cell = cellWithButtons(number), mark = marks.get(number);
    if (cell.controller) return;
    const press = mark.querySelector("button");
    if (!isSeen(cell.place)) cell.told = (words) => { mark.querySelector(".pg-as-of-told").textContent = words; };
    press.textContent = "Stop";
    await cell.run();
    press.textContent = "Run again";
    cell.told = null;
  }

  /* Put words beside an output, with what can be done, or take them away. */
  function mark(number, kind, words, called, act) {
    const there = marks.get(number);
    if (there && there.dataset.kind === kind && there.isConnected) return;
    const hadFocus = there?.contains(document.activeElement);
    there?.remove();
    marks.delete(number);
    const output = kind && outputOf(number);
    if (output) {
      const made = make("div", { class: "pg-as-of", "data-kind": kind }, make("span", {}, words), button(called, act), make("span", { class: "pg-as-of-told", role: "status" }));
      output.before(made);
      marks.set(number, made);
    }
    if (!hadFocus) return;
    const cell = find(number);
    const next = marks.get(number)?.querySelector("button")
      ?? (cell && isSeen(cell.place) ? cell.buttons.run : cellOf(number).querySelector("summary"));
    next?.focus();
  }

  const again = (number) => ({ target }) => (target.textContent === "Stop" ? find(number).controller?.abort() : runAgain(number));

  /* Mark an output that is of other code than the cells above it. */
  function show(number, isBehind) {
    const cell = find(number), made = cell?.made ?? BOOK;
    if (isBehind && made === BOOK) {
      mark(number, "printed", "Still as printed: your change in a cell above is not in this yet.", "Run again", again(number));
    } else if (isBehind) {
      mark(number, "before", "Still as before: your last change in a cell above is not in this yet.", "Run again", again(number));
    } else if (cell?.isUnrun) {
      mark(number, "own", "Still as printed: your code in this cell has not run since you opened the page.", "Run", again(number));
    } else if (cell?.uses && made !== BOOK && !isSeen(cell.place)) {
      mark(number, "yours", "This uses your change in a cell above.", "Reset all", resetAll);
    } else mark(number, "");
  }

  /* Find the outputs that are behind, one after the other, so that the reader's next run waits for one at most. */
  async function update() {
    if (isQueued) return;
    isQueued = true;
    await null; // cells that are reset at once are one change
    isQueued = false;
    const mine = ++turn;
    if (!known) {
      if (stateOf(Infinity) === BOOK) keep("behind", null);
      opened();
      return;
    }
    const behind = [], printed = [];
    for (const number of Object.keys(known.cells).map(Number)) {
      const now = stateOf(number), made = find(number)?.made ?? BOOK;
      let isBehind = false;
      if ((now !== made || now !== BOOK) && outputOf(number)) {
        let one, other, book;
        try {
          [one, other, book] = [await slice(number, now), await slice(number, made), await slice(number, BOOK)];
        } catch {
          return; // Python ended: the next run asks again
        }
        if (mine !== turn) return;
        if (now !== made) isBehind = one === null || other === null ? marks.has(number) : one !== other;
        // Opened anew the page shows what is printed, also where the output has been brought up to date.
        if (one !== null && one !== book && (find(number)?.ran ?? null) === null) printed.push(number);
      }
      show(number, isBehind);
      if (isBehind) behind.push(number);
    }
    keep("behind", printed.length ? JSON.stringify(printed) : null);
    tellBehind(behind);
    document.dispatchEvent(new Event("pg-live-compared"));
  }

  /* Say beside the cell that was run last how many outputs below are not of it yet. */
  function tellBehind(behind) {
    const below = last ? behind.filter((number) => number > last.number) : [];
    last?.note.querySelector(".pg-behind")?.remove();
    if (!below.length || last.ran === null) return;
    const words = below.length === 1 ? "One output below uses this and is still as it was." : `${below.length} outputs below use this and are still as they were.`;
    const runThem = async () => {
      for (const number of below) {
        if (marks.has(number)) await runAgain(number);
        if (find(number)?.made !== stateOf(number)) return; // it was stopped
      }
    };
    last.note.append(make("span", { class: "pg-behind" }, ` ${words} `, button(below.length === 1 ? "Run it" : "Run them", runThem)));
  }

  /* What the page shows when it is opened is as printed, whatever was run before. */
  function opened() {
    const behind = JSON.parse(kept("behind") ?? BOOK);
    for (const number of behind) show(number, true);
    for (const number of [...marks.keys(), ...cells.map((cell) => cell.number)]) if (!behind.includes(number)) show(number, false);
  }

  opened();
  document.addEventListener("pg-unfolded", () => (known ? update() : opened()));
  return {
    job, mention, update,
    /* A cell has been run. */
    ran(cell, state) {
      cell.made = state;
      cell.isUnrun = false;
      last = cell;
    },
    state: stateOf,
  };
}
