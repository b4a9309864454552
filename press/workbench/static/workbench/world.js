/* The page "Your world": a small process that the reader edits, drawn, with J and its gradient as it moves.

   All of that is computed here, by world-model.js. The ledgers, walks and learning come from Python, when asked. */
(() => {
  "use strict";

  const model = window.pgWorld;
  const { el, runner, copier, unavailable } = window.pgBench;
  // one for each copy of the website, which may share its host with others
  const KEPT = `pg-world 1 ${new URL("../..", document.currentScript.src).pathname}`;
  const COLORS = ["blue", "vermillion", "green", "purple"];
  const DASHES = ["", "7 4", "2 3", "10 3 2 3"];
  const MOST_LABELS = 26;
  const SMALLEST = 0.001; // a softmax gives no action 0

  // ---- Numbers -----------------------------------------------------------------------------------------------------

  /* Read what people write, by the rule of the exercises (numbers.js); else NaN. */
  const readNumber = (text) => globalThis.pgNumbers.readNumber(text).number ?? NaN;

  /* A number as it stands in a field: a fraction where its digits would not end. */
  function inField(number) {
    if (typeof number !== "number" || !Number.isFinite(number)) return "";
    const text = String(number);
    if (text.length > 8 && Math.abs(number) < 100) {
      for (let q = 2; q <= 30; q += 1) {
        const p = Math.round(number * q);
        if (p && p / q === number) return `${p}/${q}`.replace("-", "−");
      }
    }
    return text.replace("-", "−");
  }

  const fixed = (number, digits = 4) => {
    const text = Math.abs(number) >= 1e5 ? number.toExponential(2) : number.toFixed(digits);
    return (/^-0\.?0*$/.test(text) ? text.slice(1) : text).replaceAll("-", "−");
  };

  /* By how much two computations differ. */
  const apart = (number) => (number ? number.toExponential(0).replace("-", "−") : "nothing");

  // ---- The drawing -------------------------------------------------------------------------------------------------

  const polar = (angle, r) => [r * Math.cos(angle), r * Math.sin(angle)];
  const turned = (a, b) => Math.abs((((a - b + Math.PI) % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI) - Math.PI);

  /* Where the states stand: in a row where arrows join neighbours only, else on an oval. */
  function places(world, width) {
    const n = world.states.length;
    const chain = world.rows.every(([s, , t]) => Math.abs(s - t) <= 1);
    if (n <= 2 || (chain && width / n >= 112)) {
      const height = 236, step = Math.min(width / n, 230);
      return { height, row: true, spots: world.states.map((_, s) => [width / 2 + (s - (n - 1) / 2) * step, height / 2]) };
    }
    const height = Math.min(Math.max(0.78 * width, 300), 380);
    return {
      height, row: false,
      spots: world.states.map((_, s) => {
        const angle = Math.PI + (2 * Math.PI * s) / n;
        return [width / 2 + (width / 2 - 82) * Math.cos(angle), height / 2 + (height / 2 - 74) * Math.sin(angle)];
      }),
    };
  }

  const curve = ([a, b, c], t) => [0, 1].map((i) => (1 - t) ** 2 * a[i] + 2 * t * (1 - t) * b[i] + t * t * c[i]);

  /* The piece of a curve between two states. */
  function cut(points, radius) {
    let from = 0, to = 1;
    const far = (t, centre) => Math.hypot(...curve(points, t).map((x, i) => x - centre[i])) > radius + 3;
    while (from < 0.5 && !far(from, points[0])) from += 0.005;
    while (to > 0.5 && !far(to, points[2])) to -= 0.005;
    return [from, to];
  }

  function head(tip, back) {
    const length = Math.hypot(tip[0] - back[0], tip[1] - back[1]) || 1;
    const [x, y] = [(tip[0] - back[0]) / length, (tip[1] - back[1]) / length];
    return [tip, [tip[0] - 9 * x - 4.5 * y, tip[1] - 9 * y + 4.5 * x], [tip[0] - 9 * x + 4.5 * y, tip[1] - 9 * y - 4.5 * x]]
      .map((point) => point.map((v) => v.toFixed(1)).join(",")).join(" ");
  }

  const short = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);

  function draw(world, numbers, width) {
    const radius = width < 430 ? 25 : 30;
    const { height, row, spots } = places(world, width);
    const n = world.states.length, middle = [width / 2, height / 2];
    const steps = world.rows.filter(([s]) => s < n && !model.isEnd(world, s));
    const labelled = steps.length <= MOST_LABELS;
    const svg = el("svg", {
      role: "img",
      "aria-label": `${world.name}: ${n} states, ${world.actions.length} actions, ${world.rows.length} rows. The table of rows says what is drawn.`,
    });
    const arrows = el("g"), labels = el("g"), nodes = el("g");
    const used = spots.map(() => []);
    const waiting = [], inked = [], boxes = spots.map(([x, y]) => [x - radius, y - radius, x + radius, y + radius]);
    const visits = numbers ? numbers.visits : spots.map(() => 0);
    const all = visits.reduce((x, y) => x + y, 0) || 1;
    const style = (a, weight) => `stroke:var(--pg-${COLORS[a]});stroke-width:${(1.2 + 3.6 * weight).toFixed(2)};opacity:${weight < 0.02 ? 0.4 : 1}`;
    const weightOf = ([s, a, , p]) => (numbers ? numbers.policy[s][a] * p : 0.5 * p);

    /* Draw an arrow; its label may stand at any of some spots, the first being the best. */
    function arrow(step, path, tip, back, spotsOfLabel, ink) {
      const [s, a, t, p, r] = step, weight = weightOf(step);
      const words = `${p === 1 ? "" : `${model.written(p, 3)}, `}${r > 0 ? "+" : ""}${model.written(r, 4)}`;
      const name = `${world.states[s]}, ${world.actions[a]} → ${world.states[t]}: probability ${model.written(p)}, reward ${model.written(r)}`;
      arrows.append(el("g", {}, el("title", {}, name),
        el("path", { d: path, fill: "none", style: style(a, weight), "stroke-dasharray": DASHES[a] }),
        el("polygon", { points: head(tip, back), style: `fill:var(--pg-${COLORS[a]});opacity:${weight < 0.02 ? 0.4 : 1}` })));
      inked.push(...ink);
      if (labelled) waiting.push({ words, spots: spotsOfLabel });
    }

    /* Put each label where it covers least: another label, a state, an arrow. */
    function placeLabels() {
      for (const { words, spots: places_ } of waiting) {
        const [w, h] = [3.4 * words.length + 3, 8];
        const boxAt = ([x, y]) => [x - w, y - h, x + w, y + h];
        const overlap = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
        const price = (spot, rank) => {
          const box = boxAt(spot);
          return rank + boxes.reduce((sum, other) => sum + overlap(box, other), 0)
            + inked.reduce((sum, [x, y]) => sum + (x > box[0] && x < box[2] && y > box[1] && y < box[3] ? 9 : 0), 0);
        };
        const prices = places_.map(price), best = places_[prices.indexOf(Math.min(...prices))];
        boxes.push(boxAt(best));
        labels.append(el("text", { x: best[0].toFixed(1), y: (best[1] + 4).toFixed(1), "text-anchor": "middle", class: "pg-arrow-label" }, words));
      }
    }

    // Between two states: each direction on its own side.
    for (let u = 0; u < n; u += 1) {
      for (let v = 0; v < n; v += 1) {
        const group = steps.filter(([s, , t]) => s === u && t === v);
        if (u === v || !group.length) continue;
        const both = steps.some(([s, , t]) => s === v && t === u);
        const [a, b] = [spots[u], spots[v]], length = Math.hypot(b[0] - a[0], b[1] - a[1]);
        const normal = [(b[1] - a[1]) / length, -(b[0] - a[0]) / length];
        group.forEach((step, rank) => {
          let bend = both ? 17 + 25 * rank : 25 * (rank - (group.length - 1) / 2);
          const points = (height_) => [a, [0, 1].map((i) => (a[i] + b[i]) / 2 + 2 * height_ * normal[i]), b];
          const clear = (height_) => spots.every((spot, other) => other === u || other === v || [...Array(19).keys()].every((k) => {
            const at = curve(points(height_), (k + 1) / 20);
            return Math.hypot(at[0] - spot[0], at[1] - spot[1]) > radius + 9;
          }));
          for (let k = 0; k < 12 && !clear(bend); k += 1) bend += bend < 0 ? -12 : 12;
          const bent = points(bend), [from, to] = cut(bent, radius);
          const tip = curve(bent, to), back = curve(bent, to - 9 / length);
          const line = [...Array(21).keys()].map((k) => curve(bent, from + (Math.max(to - 7 / length, from) - from) * (k / 20)));
          const path = line.map((point, k) => `${k ? "L" : "M"}${point.map((x) => x.toFixed(1)).join(" ")}`).join("");
          const outwards = bend < 0 ? -1 : 1;
          const spotsOfLabel = [0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73].flatMap((t) => [12, -12].map((away) => curve(bent, t).map((x, i) => x + away * outwards * normal[i])));
          arrow(step, path, tip, back, spotsOfLabel, line);
          for (const [state, t] of [[u, from], [v, to]]) {
            const at = curve(bent, t);
            used[state].push(Math.atan2(at[1] - spots[state][1], at[0] - spots[state][0]));
          }
        });
      }
    }
    // Loops and starts take the directions that are left.
    const free = (state, wish, room) => {
      const grid = [...Array(24).keys()].map((k) => (k * Math.PI) / 12);
      const price = (angle) => 0.3 * turned(angle, wish) + used[state].reduce((sum, other) => sum + 9 * Math.max(room - turned(angle, other), 0) ** 2, 0);
      const best = grid.reduce((x, y) => (price(y) < price(x) - 1e-9 ? y : x));
      used[state].push(best);
      return best;
    };
    spots.forEach((spot, state) => {
      const out = row ? -Math.PI / 2 : Math.atan2(spot[1] - middle[1], spot[0] - middle[0]);
      for (const step of steps.filter(([s, , t]) => s === state && t === state)) {
        const angle = free(state, out, 1.05), at = (turn, r) => polar(angle + turn, r).map((x, i) => x + spot[i]);
        const [from, to] = [at(-0.42, radius + 2), at(0.42, radius + 3)];
        const [one, other] = [at(-0.62, radius + 44), at(0.62, radius + 44)];
        const text = [from, one, other, to].map((point) => point.map((x) => x.toFixed(1)).join(" "));
        const ring = [...Array(9).keys()].map((k) => at(-0.6 + 0.15 * k, radius + 30 - 1.4 * (k - 4) ** 2));
        const words = step[3] === 1 ? 10 : 22;
        arrow(step, `M${text[0]}C${text[1]} ${text[2]} ${text[3]}`, to, other, [0, 0.3, -0.3, 0.7, -0.7, 1, -1].map((turn) => at(turn, radius + 43 + words * Math.abs(Math.cos(angle + turn)))), ring);
        boxes.push([Math.min(...ring.map(([x]) => x)), Math.min(...ring.map(([, y]) => y)), Math.max(...ring.map(([x]) => x)), Math.max(...ring.map(([, y]) => y))]);
      }
      if (world.start[state] > 0) {
        const angle = free(state, row && state === 0 && n > 1 ? Math.PI : out, 0.75);
        const at = (r) => polar(angle, r).map((x, i) => x + spot[i]);
        const [tail, tip] = [at(radius + 24), at(radius + 3)];
        arrows.append(el("path", { d: `M${tail.join(" ")}L${at(radius + 9).join(" ")}`, class: "pg-start" }), el("polygon", { points: head(tip, tail), class: "pg-start-head" }));
        const [x, y] = at(radius + 30), side = Math.cos(angle);
        boxes.push([x - (side > 0.4 ? 0 : 40), y - 8, x + (side < -0.4 ? 0 : 40), y + 8]);
        labels.append(el("text", { x, y: y + 4 + 5 * Math.sin(angle), "text-anchor": side > 0.4 ? "start" : side < -0.4 ? "end" : "middle", class: "pg-arrow-label is-start" },
          world.start[state] === 1 ? "start" : `start ${model.written(world.start[state], 2)}`));
      }
      const end = model.isEnd(world, state), [x, y] = spot, r = radius;
      const shape = (size, name) => (end
        ? el("rect", { x: x - size, y: y - size, width: 2 * size, height: 2 * size, class: name })
        : el("circle", { cx: x, cy: y, r: size, class: name }));
      const tint = shape(r, "pg-state-tint");
      tint.style.opacity = (0.75 * visits[state] / all).toFixed(3);
      const name = short(world.states[state], 11), size = Math.min(13, (1.62 * r * 1.7) / Math.max(name.length, 1));
      const group = el("g", {}, el("title", {}, `${world.states[state]}${numbers && !end ? `: V = ${fixed(numbers.values[state])}, visits ${fixed(visits[state])}` : ""}`),
        shape(r, "pg-state"), tint, end ? shape(r - 4, "pg-state is-inner") : null,
        el("text", { x, y: y + (end || !numbers ? 4 : -1), "text-anchor": "middle", style: `font-size:${Math.max(size, 8).toFixed(1)}px`, class: "pg-state-name" }, name),
        end || !numbers ? null : el("text", { x, y: y + 13, "text-anchor": "middle", class: "pg-state-value" }, `V ${fixed(numbers.values[state], Math.abs(numbers.values[state]) >= 100 ? 0 : 2)}`));
      nodes.append(group);
    });
    placeLabels();
    svg.append(arrows, labels, nodes);
    const edge = (k, pick) => pick(...boxes.map((box) => box[k]), ...inked.map((point) => point[k % 2]));
    const [x0, y0, x1, y1] = [edge(0, Math.min) - 6, edge(1, Math.min) - 6, edge(2, Math.max) + 6, edge(3, Math.max) + 6];
    for (const [name, value] of Object.entries({ viewBox: [x0, y0, x1 - x0, y1 - y0].map((v) => v.toFixed(1)).join(" "), width: (x1 - x0).toFixed(0), height: (y1 - y0).toFixed(0) })) svg.setAttribute(name, value);
    return svg;
  }

  // ---- Charts of what Python computed ------------------------------------------------------------------------------

  /* Round numbers for an axis. */
  function ticks(low, high, most = 5) {
    const raw = (high - low) / most || 1, size = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((k) => k * size).find((k) => k >= raw);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) found.push(+(k * step).toPrecision(10));
    return found;
  }

  function learningChart({ at, ascent, low, mid, high, best }, width) {
    const height = 260, left = 52, right = 14, top = 14, bottom = 40;
    const every = [...ascent, ...low, ...high, ...(best === null ? [] : [best])];
    const span = Math.max(...every) - Math.min(...every) || 1;
    const [floor, roof] = [Math.min(...every) - 0.05 * span, Math.max(...every) + 0.08 * span];
    const x = (k) => left + ((width - left - right) * k) / at[at.length - 1];
    const y = (j) => top + (height - top - bottom) * (1 - (j - floor) / (roof - floor));
    const line = (values) => values.map((value, k) => `${k ? "L" : "M"}${x(at[k]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    const band = `${line(high)}${low.map((value, k) => [at[k], value]).reverse().map(([k, value]) => `L${x(k).toFixed(1)} ${y(value).toFixed(1)}`).join("")}Z`;
    return el("svg", {
      viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
      "aria-label": `J over ${at[at.length - 1]} updates. Exact ascent goes from ${fixed(ascent[0], 3)} to ${fixed(ascent.at(-1), 3)}, the middle run of REINFORCE to ${fixed(mid.at(-1), 3)}${best === null ? "" : `; the best is ${fixed(best, 3)}`}.`,
    },
    ticks(floor, roof).map((j) => el("g", {}, el("line", { x1: left, x2: width - right, y1: y(j), y2: y(j), class: "pg-grid" }),
      el("text", { x: left - 6, y: y(j) + 4, "text-anchor": "end", class: "pg-tick" }, model.written(j)))),
    ticks(0, at[at.length - 1]).map((k) => el("text", { x: x(k), y: height - bottom + 17, "text-anchor": "middle", class: "pg-tick" }, model.written(k))),
    el("text", { x: (left + width - right) / 2, y: height - 5, "text-anchor": "middle", class: "pg-tick" }, "updates"),
    el("text", { x: left, y: 10, class: "pg-tick" }, "J(θ)"),
    best === null ? null : el("line", { x1: left, x2: width - right, y1: y(best), y2: y(best), class: "pg-best" }),
    el("path", { d: band, class: "pg-band" }), el("path", { d: line(mid), class: "pg-curve is-mid" }), el("path", { d: line(ascent), class: "pg-curve is-ascent" }));
  }

  function sampleChart(world, { exact, estimates }, width) {
    const may = model.allowed(world), list = [];
    world.states.forEach((state, s) => {
      if (model.isEnd(world, s) || may[s].filter(Boolean).length < 2) return;
      world.actions.forEach((action, a) => { if (may[s][a]) list.push({ s, a, name: `${short(state, 9)}, ${short(action, 9)}` }); });
    });
    const two = Object.values(estimates), names = Object.keys(estimates);
    const ends = list.flatMap(({ s, a }) => [exact[s][a], ...two.flatMap(({ mean, error }) => [mean[s][a] - 2 * error[s][a], mean[s][a] + 2 * error[s][a]])]);
    if (!list.length) return null;
    const left = 136, right = 12, rowHeight = 30, height = list.length * rowHeight + 42;
    const span = Math.max(...ends, 0) - Math.min(...ends, 0) || 1;
    const [low, high] = [Math.min(...ends, 0) - 0.03 * span, Math.max(...ends, 0) + 0.03 * span];
    const x = (g) => left + ((width - left - right) * (g - low)) / (high - low);
    return el("svg", {
      viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
      "aria-label": list.map(({ s, a, name }) => `${name}: exact ${fixed(exact[s][a], 3)}, ${names.map((which, k) => `${which} ${fixed(two[k].mean[s][a], 3)} ± ${fixed(two[k].error[s][a], 3)}`).join(", ")}`).join("; "),
    },
    ticks(low, high).map((g) => el("g", {}, el("line", { x1: x(g), x2: x(g), y1: 4, y2: height - 34, class: "pg-grid" }),
      el("text", { x: x(g), y: height - 18, "text-anchor": "middle", class: "pg-tick" }, model.written(g)))),
    el("text", { x: (left + width - right) / 2, y: height - 3, "text-anchor": "middle", class: "pg-tick" }, "entry of ∇J(θ)"),
    list.map(({ s, a, name }, k) => {
      const y = 6 + (k + 0.5) * rowHeight;
      return el("g", {},
        el("text", { x: left - 8, y: y + 4, "text-anchor": "end", class: "pg-tick is-name" }, name),
        el("line", { x1: x(exact[s][a]), x2: x(exact[s][a]), y1: y - 11, y2: y + 11, class: "pg-exact-tick" }),
        two.map(({ mean, error }, which) => {
          const height_ = y + (which ? 5 : -5);
          return el("g", { class: which ? "pg-estimate is-second" : "pg-estimate" },
            el("line", { x1: x(mean[s][a] - 2 * error[s][a]), x2: x(mean[s][a] + 2 * error[s][a]), y1: height_, y2: height_ }),
            which ? el("rect", { x: x(mean[s][a]) - 3.5, y: height_ - 3.5, width: 7, height: 7 }) : el("circle", { cx: x(mean[s][a]), cy: height_, r: 3.8 }));
        }));
    }));
  }

  // ---- The tool ----------------------------------------------------------------------------------------------------

  function start(root) {
    let world = model.copy(model.PRESETS.shuttle);
    let numbers = null, wrong = [], byTheta = false;
    const past = [];
    let lastEdit = null, ran = null, edited = false; // what is opened by a link does not take the place of what was kept

    const told = el("p", { class: "pg-said", role: "status" });
    const drawing = el("div", { class: "pg-world-drawing" });
    const legend = el("ul", { class: "pg-world-legend" });
    const objective = el("output", { class: "pg-world-objective" });
    const objectiveSaid = el("p", { class: "pg-world-note" });
    const policyBox = el("div", { class: "pg-world-policy" });
    const differs = el("p", { class: "pg-world-note" });
    const wrongBox = el("div", { class: "pg-world-wrong", role: "group", "aria-label": "What is wrong with this world", hidden: true });
    const statesBox = el("div", { class: "pg-world-names" }), actionsBox = el("div", { class: "pg-world-names" });
    const rowsBox = el("div", { class: "pg-world-rows" });
    const restBox = el("div", { class: "pg-world-rest" });
    const startSays = says("start sum");

    // -- editing

    function remember(key) {
      edited = true;
      if (key !== null && key === lastEdit) return;
      lastEdit = key;
      past.push(JSON.stringify(world));
      if (past.length > 200) past.shift();
      undo.disabled = false;
    }

    function load(other, words) {
      world = other;
      told.textContent = words ?? "";
      render();
    }

    function change(edit, ...focus) {
      remember(null);
      edit();
      render();
      root.querySelector(focus.find((selector) => selector && root.querySelector(selector)) ?? null)?.focus();
    }

    function says(at) {
      return el("p", { class: "pg-says", id: `pg-says-${at.replaceAll(" ", "-")}`, "data-says": at, hidden: true });
    }

    /* A field for a number or a name. `set` takes what was read. */
    function field(at, label, value, set, { kind = "number", size = 6 } = {}) {
      return el("input", {
        type: "text", "data-at": at, "aria-label": label, value, size, autocomplete: "off", spellcheck: "false",
        inputmode: kind === "number" ? "decimal" : undefined, maxlength: kind === "name" ? 24 : undefined,
        oninput(event) {
          remember(at);
          set(kind === "number" ? readNumber(event.target.value) : event.target.value);
          if (kind === "name") renderNames(at);
          refresh();
        },
        onchange(event) {
          lastEdit = null;
          if (kind === "number" && Number.isFinite(readNumber(event.target.value))) event.target.value = inField(readNumber(event.target.value));
        },
      });
    }

    function choice(at, label, names, chosen, set) {
      return el("select", {
        "data-at": at, "aria-label": label,
        onchange(event) {
          remember(null);
          set(+event.target.value);
          renderPolicy(); // and not the rows: who chooses by typing goes on in the same field
          refresh();
        },
      }, names.map((name, number) => el("option", { value: number, selected: number === chosen }, name || "…")));
    }

    const button = (label, act, attributes = {}) => el("button", { type: "button", class: "pg-button", onclick: act, ...attributes }, label);
    const cross = (label, act, attributes = {}) => el("button", { type: "button", class: "pg-cross", "aria-label": label, title: label, onclick: act, ...attributes }, "×");

    // -- parts

    function renderStates() {
      statesBox.replaceChildren(
        ...world.states.map((name, s) => el("div", { class: "pg-name", role: "group", "aria-label": `State ${s + 1}` },
          field(`states ${s}`, `Name of state ${s + 1}`, name, (text) => { world.states[s] = text; }, { kind: "name", size: 10 }),
          el("label", {}, el("span", {}, "starts with"), field(`start ${s}`, `Probability of a start in ${name}`, inField(world.start[s]), (p) => { world.start[s] = p; }, { size: 4 })),
          cross(`Remove the state ${name}`, () => change(() => removeState(s), `[data-at="states ${Math.max(s - 1, 0)}"]`), { disabled: world.states.length < 2 }),
          says(`state ${s}`))),
        startSays,
        button("Add a state", () => change(addState, `[data-at="states ${world.states.length}"]`), { "data-act": "add-state", disabled: world.states.length >= model.LIMITS.states }),
      );
    }

    function renderActions() {
      actionsBox.replaceChildren(
        ...world.actions.map((name, a) => el("div", { class: "pg-name", role: "group", "aria-label": `Action ${a + 1}` },
          swatch(a), field(`actions ${a}`, `Name of action ${a + 1}`, name, (text) => { world.actions[a] = text; }, { kind: "name", size: 10 }),
          cross(`Remove the action ${name}`, () => change(() => removeAction(a), `[data-at="actions ${Math.max(a - 1, 0)}"]`), { disabled: world.actions.length < 2 }),
          says(`action ${a}`))),
        button("Add an action", () => change(addAction, `[data-at="actions ${world.actions.length}"]`), { "data-act": "add-action", disabled: world.actions.length >= model.LIMITS.actions }),
      );
    }

    function swatch(a) {
      const line = el("line", { x1: 1, x2: 27, y1: 6, y2: 6, style: `stroke:var(--pg-${COLORS[a]});stroke-width:3`, "stroke-dasharray": DASHES[a] });
      return el("svg", { viewBox: "0 0 28 12", width: 28, height: 12, "aria-hidden": "true", class: "pg-swatch" }, line);
    }

    const fresh = (kind, base) => {
      for (let k = world[kind].length + 1; ; k += 1) if (!world[kind].includes(`${base} ${k}`)) return `${base} ${k}`;
    };

    function addState() {
      world.states.push(fresh("states", "state"));
      world.start.push(0);
      world.theta.push(world.actions.map(() => 0));
    }

    function removeState(s) {
      for (const part of ["states", "start", "theta"]) world[part].splice(s, 1);
      world.rows = world.rows.filter((row) => row[0] !== s && row[2] !== s).map(([from, a, to, p, r]) => [from - (from > s), a, to - (to > s), p, r]);
    }

    function addAction() {
      world.actions.push(fresh("actions", "action"));
      world.theta.forEach((row) => row.push(0));
    }

    function removeAction(a) {
      world.actions.splice(a, 1);
      world.theta.forEach((row) => row.splice(a, 1));
      world.rows = world.rows.filter((row) => row[1] !== a).map(([s, b, ...rest]) => [s, b - (b > a), ...rest]);
    }

    /* The row after the last one: what is missing there from 1, or the first action that has no row yet. */
    function addRow() {
      const [s, a] = world.rows.at(-1) ?? [0, 0];
      const sum = (state, action) => world.rows.reduce((total, row) => total + (row[0] === state && row[1] === action ? row[3] : 0), 0);
      const missing = +(1 - sum(s, a)).toPrecision(12);
      if (world.rows.length && missing > 1e-9) {
        const taken = world.rows.filter((row) => row[0] === s && row[1] === a).map((row) => row[2]);
        world.rows.push([s, a, Math.max(world.states.findIndex((_, t) => !taken.includes(t)), 0), missing, 0]);
        return;
      }
      for (let k = 0; k < world.states.length * world.actions.length; k += 1) {
        const [state, action] = [Math.floor((s * world.actions.length + a + k) / world.actions.length) % world.states.length, (a + k) % world.actions.length];
        if (!world.rows.some((row) => row[0] === state && row[1] === action)) {
          world.rows.push([state, action, state, 1, 0]);
          return;
        }
      }
      world.rows.push([s, a, s, 1, 0]);
    }

    function renderRows() {
      rowsBox.replaceChildren(
        el("div", { class: "pg-row is-head", "aria-hidden": "true" }, ...["in", "do", "come to", "probability", "reward", ""].map((head) => el("span", {}, head))),
        ...world.rows.map((row, number) => {
          const [s, a, n, p, r] = row, of = `of row ${number + 1}`;
          return el("div", { class: "pg-row", role: "group", "aria-label": `Row ${number + 1}` },
            choice(`row ${number} state`, `State ${of}`, world.states, s, (value) => { row[0] = value; }),
            choice(`row ${number} action`, `Action ${of}`, world.actions, a, (value) => { row[1] = value; }),
            choice(`row ${number} next`, `Next state ${of}`, world.states, n, (value) => { row[2] = value; }),
            field(`row ${number} probability`, `Probability ${of}`, inField(p), (value) => { row[3] = value; }),
            field(`row ${number} reward`, `Reward ${of}`, inField(r), (value) => { row[4] = value; }),
            cross(`Remove row ${number + 1}`, () => change(() => world.rows.splice(number, 1), `[data-at="row ${Math.min(number, world.rows.length - 2)} state"]`, '[data-act="add-row"]')),
            says(`row ${number}`));
        }),
        button("Add a row", () => change(addRow, `[data-at="row ${world.rows.length} state"]`), { "data-act": "add-row", disabled: world.rows.length >= model.LIMITS.rows }),
      );
    }

    function renderRest() {
      const endless = world.horizon === null;
      const slider = el("input", {
        type: "range", min: 0, max: 1, step: 0.01, value: world.discount, "aria-label": "Discount γ, coarsely",
        oninput(event) {
          remember("discount");
          world.discount = +event.target.value;
          root.querySelector('[data-at="discount"]').value = inField(world.discount);
          refresh();
        },
      });
      restBox.replaceChildren(
        el("div", { class: "pg-rest" }, el("span", { class: "pg-rest-name" }, "discount γ"), slider,
          field("discount", "Discount γ", inField(world.discount), (value) => { world.discount = value; slider.value = value; }, { size: 5 }), says("discount")),
        el("div", { class: "pg-rest" }, el("span", { class: "pg-rest-name" }, "walks"),
          el("label", {}, el("input", { type: "radio", name: "pg-horizon", value: "endless", checked: endless, onchange: () => change(() => { world.horizon = null; }, '[value="endless"]') }), " go on until an end"),
          el("label", {}, el("input", { type: "radio", name: "pg-horizon", value: "horizon", checked: !endless, onchange: () => change(() => { world.horizon = 3; }, '[data-at="horizon"]') }), " stop after"),
          field("horizon", "Horizon T, the number of decisions", endless ? "" : inField(world.horizon), (value) => { world.horizon = value; }, { size: 4 }),
          el("span", {}, "decisions"), says("horizon")),
      );
      root.querySelector('[data-at="horizon"]')?.toggleAttribute("disabled", endless);
      restBox.querySelector('[data-at="horizon"]').disabled = endless;
    }

    /* θ of a state so that an action has a probability and the others keep their proportions. */
    function setProbability(s, a, p) {
      const may = model.allowed(world)[s], pi = model.policy(world)[s];
      const others = may.filter(Boolean).length - 1;
      const top = 1 - SMALLEST * others, wanted = Math.min(Math.max(p, SMALLEST), top);
      const rest = 1 - pi[a];
      const next = pi.map((old, b) => (b === a ? wanted : rest > 1e-12 ? (old * (1 - wanted)) / rest : (1 - wanted) / others));
      const logs = next.map((x, b) => (may[b] ? Math.log(Math.max(x, 1e-9)) : 0));
      const mean = logs.reduce((x, y, b) => x + (may[b] ? y : 0), 0) / (others + 1);
      world.theta[s] = world.theta[s].map((old, b) => (may[b] ? logs[b] - mean : old));
    }

    function renderPolicy() {
      const may = model.allowed(world);
      const groups = world.states.map((state, s) => {
        if (model.isEnd(world, s)) return null;
        const choices = may[s].filter(Boolean).length;
        return el("div", { class: "pg-policy-state", role: "group", "aria-label": `In ${state}` },
          el("div", { class: "pg-policy-name" }, el("strong", {}, state), el("span", { "data-visits": s })),
          ...world.actions.map((action, a) => {
            if (!may[s][a]) return null;
            const slider = el("input", {
              type: "range", "data-policy": `${s} ${a}`, disabled: choices < 2,
              min: byTheta ? -6 : 0, max: byTheta ? 6 : 1, step: byTheta ? 0.05 : 0.01,
              "aria-label": `${byTheta ? "θ" : "Probability"} of ${action} in ${state}`,
              oninput(event) {
                remember(`policy ${s} ${a}`);
                if (byTheta) world.theta[s][a] = +event.target.value;
                else setProbability(s, a, +event.target.value);
                refresh();
              },
              onchange() { lastEdit = null; },
            });
            return el("div", { class: "pg-policy-action" }, swatch(a), el("span", { class: "pg-policy-label" }, action), slider,
              el("span", { class: "pg-policy-number", "data-shown": `${s} ${a}` }),
              el("span", { class: "pg-bar", "aria-hidden": "true" }, el("span", { "data-bar": `${s} ${a}` })),
              el("span", { class: "pg-gradient", "data-walks": `${s} ${a}` }),
              el("span", { class: "pg-gradient", "data-states": `${s} ${a}` }));
          }));
      });
      const pick = (value, label, chosen) => el("label", {}, el("input", {
        type: "radio", name: "pg-policy-by", checked: chosen, value,
        onchange: () => { byTheta = value === "theta"; renderPolicy(); refresh(); root.querySelector(`[name="pg-policy-by"][value="${value}"]`).focus(); },
      }), ` ${label}`);
      policyBox.replaceChildren(
        el("div", { class: "pg-policy-by", role: "radiogroup", "aria-label": "What the sliders set" }, el("span", {}, "sliders set"), pick("probability", "π(a|s)", !byTheta), pick("theta", "θ(s,a)", byTheta)),
        el("div", { class: "pg-policy-action is-head", "aria-hidden": "true" }, ...["", "", "", byTheta ? "θ" : "π", "∇J", "∇J by walks", "∇J by states"].map((head) => el("span", {}, head))),
        ...groups.filter(Boolean),
      );
    }

    /* A name stands in many places; the field that is typed in, and those beside it, stay. */
    function renderNames(at) {
      const [kind, number] = at.split(" "), name = world[kind][+number];
      const remove = root.querySelector(`[data-at="${at}"]`).closest(".pg-name").querySelector(".pg-cross");
      remove.title = `Remove the ${kind.slice(0, -1)} ${name}`;
      remove.setAttribute("aria-label", remove.title);
      root.querySelector(`[data-at="start ${number}"]`)?.setAttribute("aria-label", `Probability of a start in ${world.states[+number]}`);
      renderRows();
      renderPolicy();
    }

    // -- what follows from an edit

    function refresh() {
      wrong = model.problems(world);
      numbers = null;
      if (!wrong.length) {
        try {
          numbers = model.exact(world);
          if (!Number.isFinite(numbers.objective) || !Number.isFinite(numbers.difference)) throw new Error();
        } catch {
          numbers = null;
          wrong = [{ at: "world", text: "J is too large or too far off for these numbers: scale the rewards down, or lower γ." }];
        }
      }
      showProblems();
      showNumbers();
      paint();
      keep();
      const changed = ran !== null && ran !== JSON.stringify(world);
      results.classList.toggle("is-stale", changed);
      stale.hidden = !changed;
      run.button.disabled = Boolean(unavailable()) || wrong.length > 0 || run.running;
      if (uphill) for (const one of uphill) one.disabled = !numbers;
      code.textContent = wrong.length ? "# When the world is sound, its code stands here." : model.python(world);
      for (const one of sharing) one.disabled = wrong.length > 0;
    }

    function showProblems() {
      for (const box of root.querySelectorAll("[data-says]")) {
        box.hidden = true;
        box.replaceChildren();
      }
      for (const one of root.querySelectorAll("[aria-invalid]")) {
        one.removeAttribute("aria-invalid");
        one.removeAttribute("aria-describedby");
      }
      const mark = (fields, box) => {
        for (const one of fields) {
          one.setAttribute("aria-invalid", "true");
          const ids = new Set((one.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
          one.setAttribute("aria-describedby", [...ids.add(box.id)].join(" "));
        }
      };
      const first = [];
      for (const { at, text, repair } of wrong) {
        let where = at, fields = [root.querySelector(`[data-at="${at}"]`)];
        const words = at.split(" ");
        if (words[0] === "row") where = `row ${words[1]}`;
        if (words[0] === "states") where = `state ${words[1]}`;
        if (words[0] === "actions") where = `action ${words[1]}`;
        if (words[0] === "start" && words[1] !== "sum") where = `state ${words[1]}`;
        if (at === "start sum") fields = [...root.querySelectorAll('[data-at^="start "]')];
        if (words[0] === "sum") {
          const numbersOf = world.rows.flatMap((row, k) => (row[0] === +words[1] && row[1] === +words[2] ? [k] : []));
          where = `row ${numbersOf.at(-1)}`;
          fields = numbersOf.map((k) => root.querySelector(`[data-at="row ${k} probability"]`));
        }
        const box = root.querySelector(`[data-says="${where}"]`);
        fields = fields.filter(Boolean);
        if (box) {
          box.hidden = false;
          box.append(el("span", {}, text, " "));
          if (repair === "scale") {
            box.append(button("Scale them to 1", () => change(() => scale(at), `[data-at="${fields[0].dataset.at}"]`), { class: "pg-button is-small" }), " ");
          }
          mark(fields, box);
        }
        first.push({ text: box ? placeOf(where) : text, to: fields[0] }); // what is wrong is said once
      }
      wrongBox.hidden = !wrong.length;
      if (!wrong.length) return;
      const count = wrong.length === 1 ? "One thing is" : `${wrong.length} things are`;
      wrongBox.replaceChildren(
        el("p", {}, `${count} to be mended before J can be computed:`),
        el("ul", {}, first.map(({ text, to }) => el("li", {}, to
          ? el("button", { type: "button", class: "pg-link", onclick: () => { to.focus(); to.scrollIntoView({ block: "center" }); } }, text)
          : text))),
      );
    }

    /* What a list calls the place where something is said. */
    function placeOf(where) {
      const [kind, number] = where.split(" ");
      if (["row", "state", "action"].includes(kind)) return `${kind} ${+number + 1}`;
      return { start: "the start", discount: "the discount γ", horizon: "the number of decisions" }[kind] ?? kind;
    }

    function scale(at) {
      const words = at.split(" ");
      if (at === "start sum") {
        const sum = world.start.reduce((x, y) => x + y, 0);
        world.start = world.start.map((p) => p / sum);
        return;
      }
      const rows = world.rows.filter((row) => row[0] === +words[1] && row[1] === +words[2]);
      const sum = rows.reduce((total, row) => total + row[3], 0);
      for (const row of rows) row[3] /= sum;
    }

    function showNumbers() {
      objective.textContent = numbers ? fixed(numbers.objective) : "–";
      objective.dataset.value = numbers ? numbers.objective : "";
      const walks = wrong.length ? 0 : model.countWalks(world);
      objectiveSaid.textContent = numbers
        ? `what a walk returns in the mean${Number.isFinite(walks) ? `, over ${walks < 1e7 ? walks.toLocaleString("en") : "more than 10 million"} ${walks === 1 ? "walk" : "walks"}` : ""}`
        : "J stands here when the world is sound.";
      const pi = wrong.some(({ at }) => at === "theta" || at === "world") ? null : model.policy(world);
      const largest = numbers ? Math.max(...numbers.stateAction.flat().map(Math.abs), 1e-300) : 1;
      for (const slider of root.querySelectorAll("[data-policy]")) {
        const [s, a] = slider.dataset.policy.split(" ").map(Number);
        if (!pi) continue;
        const value = byTheta ? world.theta[s][a] : pi[s][a];
        if (document.activeElement !== slider || Math.abs(+slider.value - value) > 0.011) slider.value = value;
        const shown = fixed(value, byTheta ? 2 : 3);
        slider.setAttribute("aria-valuetext", numbers ? `${shown}, J is ${fixed(numbers.objective, 3)}` : shown);
        root.querySelector(`[data-shown="${s} ${a}"]`).textContent = shown;
        const [walksBox, statesBox_, bar] = ["walks", "states", "bar"].map((name) => root.querySelector(`[data-${name}="${s} ${a}"]`));
        for (const [box, form] of [[walksBox, "trajectory"], [statesBox_, "stateAction"]]) {
          box.textContent = numbers ? fixed(numbers[form][s][a]) : "–";
          box.dataset.value = numbers ? numbers[form][s][a] : "";
        }
        const share = numbers ? numbers.stateAction[s][a] / largest : 0;
        bar.style.width = `${(50 * Math.abs(share)).toFixed(1)}%`;
        bar.style.left = share < 0 ? `${(50 - 50 * Math.abs(share)).toFixed(1)}%` : "50%";
        bar.className = share < 0 ? "is-down" : "is-up";
      }
      for (const box of root.querySelectorAll("[data-visits]")) box.textContent = numbers ? ` visited ${fixed(numbers.visits[+box.dataset.visits], 2)} times${world.discount < 1 ? ", discounted" : ""}` : "";
      differs.textContent = !numbers ? ""
        : `Both forms are computed here, each in its own way. They differ by ${apart(numbers.difference)}${numbers.difference ? " at most: rounding" : ""}.`;
      differs.dataset.value = numbers ? numbers.difference : "";
      legend.replaceChildren(...world.actions.map((action, a) => el("li", {}, swatch(a), action)), el("li", {}, "thick: probable"), el("li", {}, "tinted: visited"));
    }

    let painted = 0;
    function paint() {
      cancelAnimationFrame(painted);
      painted = requestAnimationFrame(() => {
        const width = Math.round(Math.min(Math.max(drawing.clientWidth, 280), 720));
        const drawable = !wrong.some(({ at }) => at === "world" && !/no row/.test(wrong[0].text));
        if (drawable) drawing.replaceChildren(draw(world, numbers, width));
      });
    }

    function keep() {
      if (!edited) return;
      try { localStorage.setItem(KEPT, model.encode(world)); } catch { /* then it is not kept */ }
    }

    function render(focus) {
      renderStates();
      renderActions();
      renderRows();
      renderRest();
      renderPolicy();
      refresh();
      title.value = world.name;
      if (focus) root.querySelector(focus)?.focus();
    }

    // -- the bar above

    const menu = el("select", { "aria-label": "Begin with a world" },
      el("option", { value: "" }, "Begin with …"),
      Object.entries(model.PRESETS).map(([key, { name, about }]) => el("option", { value: key }, key === "empty" ? "An empty world" : `${name}: ${about}`)));
    menu.addEventListener("change", () => {
      if (!menu.value) return;
      remember(null);
      const { about, ...chosen } = model.copy(model.PRESETS[menu.value]);
      load(chosen, menu.value === "empty" ? "An empty world." : `${chosen.name}. ${about}`);
      menu.value = "";
    });
    const title = el("input", { type: "text", "aria-label": "Name of this world", size: 16, maxlength: 40, autocomplete: "off", spellcheck: "false", class: "pg-world-title",
      oninput(event) { remember("name"); world.name = event.target.value; refresh(); }, onchange() { lastEdit = null; } });
    const undo = button("Undo", () => {
      if (!past.length) return;
      world = JSON.parse(past.pop());
      lastEdit = null;
      render();
      undo.disabled = !past.length;
      (undo.disabled ? menu : undo).focus();
    }, { disabled: true });

    // -- uphill, here

    const alpha = el("input", { type: "text", inputmode: "decimal", size: 4, value: "0.5", "aria-label": "Step size α", "data-at": "alpha" });
    function climb(steps) {
      const size = readNumber(alpha.value);
      if (!(size > 0 && size <= 1000)) {
        climbed.textContent = "α is a number above 0, at most 1000.";
        alpha.setAttribute("aria-invalid", "true");
        return;
      }
      alpha.removeAttribute("aria-invalid");
      remember(null);
      const before = numbers.objective;
      for (let k = 0; k < steps; k += 1) {
        const { stateAction } = model.exact(world);
        const moved = world.theta.map((row, s) => row.map((x, a) => x + size * stateAction[s][a]));
        if (!moved.flat().every((x) => Math.abs(x) < 500)) break;
        world.theta = moved;
      }
      refresh();
      climbed.textContent = numbers ? `J went from ${fixed(before)} to ${fixed(numbers.objective)}.` : "";
    }
    const climbed = el("p", { class: "pg-said", role: "status" });
    const uphill = [button("One step uphill", () => climb(1), { class: "pg-button is-main" }), button("50 steps", () => climb(50))];
    const fair = button("All actions alike", () => { remember(null); world.theta = world.theta.map((row) => row.map(() => 0)); climbed.textContent = ""; refresh(); });

    // -- Python

    const results = el("div", { class: "pg-world-results" });
    const stale = el("p", { class: "pg-world-note is-stale", hidden: true }, "You have changed the world since. Run again to see it here.");
    const options = { m: 400, seed: 0, alpha: 0.1, updates: 150, batch: 4, runs: 10 };

    function option(name, label) {
      return el("label", { class: "pg-bench-option" }, el("span", {}, label), el("input", {
        type: "text", inputmode: "decimal", size: 5, value: inField(options[name]), "data-option": name,
        oninput(event) { options[name] = readNumber(event.target.value); },
      }));
    }

    const asked = () => JSON.parse(JSON.stringify(world));
    const shownBy = (box, output) => { if (output) window.pgLive.show(box, output); };
    const block = (name, heading, ...children) => el("section", { class: "pg-result", "data-result": name, "aria-label": heading }, el("h4", {}, heading), ...children);

    function exactBlock(answer) {
      const box = el("div");
      const here = Math.abs(answer.objective - numbers.objective);
      const made = block("exact", "∇J, by Python", el("p", {}, `J = ${fixed(answer.objective, 10)}. ${answer.said} The numbers above, which JavaScript computed, differ from Python's by ${apart(here)}.`), box);
      made.dataset.answer = JSON.stringify({ objective: answer.objective, trajectory: answer.trajectory, stateAction: answer.state_action });
      shownBy(box, answer.shown);
      return made;
    }

    function ledgerBlock({ ledgers }) {
      return block("ledgers", "The derivations, on your world", ...ledgers.map(({ title: name, said, shown, false: wrongLines }) => {
        const body = el("div");
        const fold = el("details", { class: "admonition dropdown" }, el("summary", { class: "admonition-title" }, name, wrongLines.length ? el("span", { class: "pg-chip is-false" }, `${wrongLines.length} false`) : shown ? el("span", { class: "pg-chip is-exact" }, "none false") : ""), el("p", {}, said), body);
        fold.addEventListener("toggle", () => { if (fold.open && !body.childElementCount) shownBy(body, shown); });
        return fold;
      }));
    }

    function sampleBlock(answer) {
      const box = el("div"), width = Math.min(Math.max(results.clientWidth - 8, 300), 720);
      const [first, second] = Object.keys(answer.estimates);
      const again = runner({ label: "Draw others", done: "", job: async (ask) => {
        options.seed += 1;
        const next = await ask("world.sample", { world: asked(), m: options.m, seed: options.seed });
        replace("sample", sampleBlock(next));
        results.querySelector('[data-result="sample"] .is-main')?.focus();
        return "";
      } });
      const made = block("sample", "Sampled walks, and what they say of ∇J",
        el("p", {}, `${answer.said} The mean return is ${fixed(answer.mean)} ± ${fixed(answer.error)}; J ${answer.said ? "of the cut walks " : ""}is ${fixed(answer.objective)}.`.trim()),
        el("ul", { class: "pg-walks" }, answer.walks.map((walk) => el("li", {}, walk))),
        sampleChart(world, answer, width),
        el("p", { class: "pg-world-note" }, `Line: exact. Dot: ${first}. Square: ${second}. The bars reach two standard errors to both sides.`),
        box, el("div", { class: "pg-bench-options" }, option("m", "walks"), again.box));
      shownBy(box, answer.shown);
      made.dataset.answer = JSON.stringify(answer.estimates);
      return made;
    }

    function learnBlock(answer) {
      const width = Math.min(Math.max(results.clientWidth - 8, 300), 720);
      const again = runner({ label: "Learn again", done: "", job: async (ask) => {
        options.seed += 1;
        const { alpha: size, updates, batch, runs, seed } = options;
        replace("learn", learnBlock(await ask("world.learn", { world: asked(), alpha: size, updates, batch, runs, seed })));
        results.querySelector('[data-result="learn"] .is-main')?.focus();
        return "";
      } });
      return block("learn", "Learning, from your policy on",
        learningChart(answer, width),
        el("p", { class: "pg-world-note" }, `Solid: gradient ascent on the exact ∇J. Dashed: REINFORCE, the middle of ${options.runs} runs, with the band of the middle half; ${options.batch} episodes to an update, each compared with the others. ${answer.best === null ? "" : "Dotted: the best. "}${answer.best_is} ${answer.said}`.trim()),
        el("div", { class: "pg-bench-options" }, option("alpha", "α"), option("updates", "updates"), option("batch", "episodes an update"), option("runs", "runs"), again.box,
          button("Take the learned policy", () => {
            remember(null);
            world.theta = answer.theta.map((row, s) => row.map((x, a) => (world.theta[s]?.[a] === undefined ? 0 : x)));
            refresh();
            told.textContent = "The policy is now the one that exact ascent learned.";
          })));
    }

    function replace(name, made) {
      const old = results.querySelector(`[data-result="${name}"]`);
      if (old) old.replaceWith(made);
      else results.append(made);
    }

    const run = runner({
      label: "Run in Python",
      done: "Done. Change the world and run it again.",
      job: async (ask, tell) => {
        const request = { world: asked() }, at = JSON.stringify(world);
        const { m, seed, alpha: size, updates, batch, runs } = options;
        tell({ text: "Computing ∇J" });
        const exact = await ask("world.exact", request);
        results.replaceChildren(exactBlock(exact));
        tell({ text: "Evaluating the lines" });
        replace("ledgers", ledgerBlock(await ask("world.derivations", request)));
        tell({ text: "Drawing walks" });
        replace("sample", sampleBlock(await ask("world.sample", { ...request, m, seed })));
        tell({ text: "Learning" });
        try {
          replace("learn", learnBlock(await ask("world.learn", { ...request, alpha: size, updates, batch, runs, seed })));
        } catch (error) {
          replace("learn", block("learn", "Learning, from your policy on", el("p", {}, error.message)));
        }
        ran = at;
        refresh();
        return undefined;
      },
    });

    // -- taking it along

    const shared = el("p", { class: "pg-said", role: "status" });
    const address = () => `${location.href.split("#")[0]}#world=${model.encode(world)}`;
    const code = el("pre", { tabindex: "0", "aria-label": "The world as Python code" });
    const save = button("Save your_world.py", () => {
      const link = el("a", { href: URL.createObjectURL(new Blob([model.python(world)], { type: "text/x-python" })), download: "your_world.py" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      shared.textContent = "Saved. It runs where pgcode is installed.";
    });
    const sharing = [copier("Copy a link to this world", address, shared), copier("Copy it as Python", () => model.python(world), shared), save];

    const part = (heading, ...children) => el("section", { class: "pg-world-part", "aria-label": heading }, el("h3", {}, heading), ...children);
    root.replaceChildren(
      el("div", { class: "pg-world-bar" }, menu, title, undo, told),
      el("div", { class: "pg-world-main" },
        el("div", { class: "pg-world-left" }, drawing, legend),
        el("div", { class: "pg-world-right" },
          el("p", { class: "pg-world-j" }, el("span", {}, "J(θ) = "), objective), objectiveSaid, policyBox, differs,
          el("div", { class: "pg-bench-options" }, ...uphill, el("label", { class: "pg-bench-option" }, el("span", {}, "α"), alpha), fair), climbed)),
      wrongBox,
      part("What can happen", el("p", { class: "pg-world-note" }, "A row is a way to go on. An action without a row in a state cannot be taken there, and a state without any row is an end."), rowsBox),
      el("div", { class: "pg-world-two" }, part("States", statesBox), part("Actions", actionsBox)),
      part("How far it counts", restBox),
      part("What the course says of it", el("p", { class: "pg-world-note" }, "The lines of both derivations, walks with their estimates, and learning: all computed by pgcode on your world."), run.box, stale, results),
      part("Take it along", el("div", { class: "pg-bench-options" }, ...sharing), shared,
        el("details", { class: "admonition dropdown" }, el("summary", { class: "admonition-title" }, "The world as Python code"), code)),
    );

    // -- where it comes from

    function fromLink() {
      const match = location.hash.match(/^#world=(.*)$/);
      if (!match) return false;
      try {
        remember(null);
        edited = false;
        const { name, ...parts } = model.decode(match[1]);
        load({ name, ...parts }, `“${name}”, from the link.`);
      } catch (error) {
        load(world, `${error.message} “${world.name}” is shown instead.`);
      }
      root.scrollIntoView({ block: "start" });
      return true;
    }

    function fromBefore() {
      try {
        const kept = localStorage.getItem(KEPT);
        if (kept) load(model.decode(kept), "As you left it.");
        return Boolean(kept);
      } catch {
        return false;
      }
    }

    const { about, ...first } = model.copy(model.PRESETS.shuttle);
    world = first;
    if (!fromLink() && !fromBefore()) load(first, "");
    past.length = 0;
    undo.disabled = true;
    addEventListener("hashchange", fromLink);
    new ResizeObserver(paint).observe(drawing);
  }

  for (const root of document.querySelectorAll(".pg-world")) start(root);
})();
