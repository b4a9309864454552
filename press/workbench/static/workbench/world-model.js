/* A world that a reader puts in, without anything that is shown: what is wrong with it, J and both forms of its gradient,
   its link, and its Python code. pgcode._in_page.world reads the same object and computes the same numbers. */
(() => {
  "use strict";

  const LIMITS = { states: 12, actions: 4, rows: 120, horizon: 200 };
  const SUM = 1e-9; // probabilities may be off from 1 by this much together
  const LARGEST = 1e9;
  const MOST_STEPS = 1e8;

  // ---- Worlds to begin with, as pgcode.environments has them -------------------------------------------------------

  const zeros = (states, actions) => Array.from({ length: states }, () => Array(actions).fill(0));
  const PRESETS = {
    shuttle: {
      name: "Shuttle", about: "Two stations. Only the way back pays.",
      states: ["home", "away"], actions: ["wait", "go"],
      rows: [[0, 0, 0, 1, 0], [0, 1, 1, 1, 0], [1, 0, 1, 1, 0], [1, 1, 0, 1, 8]],
      start: [1, 0], discount: 0.5, horizon: null, theta: zeros(2, 2),
    },
    machine: {
      name: "Machine", about: "Run it and it wears; service it and it costs.",
      states: ["new", "worn", "old"], actions: ["run", "service"],
      rows: [
        [0, 0, 0, 0.7, 2], [0, 0, 1, 0.3, 2], [0, 1, 0, 1, -1],
        [1, 0, 1, 0.6, 1.5], [1, 0, 2, 0.4, 1.5], [1, 1, 0, 0.9, -1], [1, 1, 1, 0.1, -1],
        [2, 0, 2, 1, 0], [2, 1, 0, 0.8, -1], [2, 1, 2, 0.2, -1],
      ],
      start: [1, 0, 0], discount: 0.8, horizon: null, theta: zeros(3, 2),
    },
    board: {
      name: "Board", about: "Right or down, three moves at most: a pit, a coin, a home.",
      states: ["start", "path", "coin", "middle", "over"], actions: ["right", "down"],
      rows: [
        [0, 0, 1, 1, 0], [0, 1, 2, 1, 1], [1, 0, 4, 1, -2], [1, 1, 3, 1, 0],
        [2, 0, 3, 1, 0], [2, 1, 4, 1, 0], [3, 0, 4, 1, 2], [3, 1, 4, 1, 0],
      ],
      start: [1, 0, 0, 0, 0], discount: 1, horizon: 3, theta: zeros(5, 2),
    },
    corridor: {
      name: "Short corridor", about: "Each step costs 1. In the second room left and right are switched.",
      states: ["room 1", "room 2", "room 3", "exit"], actions: ["left", "right"],
      rows: [
        [0, 0, 0, 1, -1], [0, 1, 1, 1, -1], [1, 0, 2, 1, -1], [1, 1, 0, 1, -1], [2, 0, 1, 1, -1], [2, 1, 3, 1, -1],
      ],
      start: [1, 0, 0, 0], discount: 1, horizon: null, theta: zeros(4, 2),
    },
    seasons: {
      name: "Two seasons", about: "Two decisions, and one payment after both.",
      states: ["spring", "rested", "sown", "mended", "end"], actions: ["rest", "sow", "mend"],
      rows: [
        [0, 0, 1, 1, 0], [0, 1, 2, 1, 0], [0, 2, 3, 1, 0],
        [1, 0, 4, 1, 0], [1, 1, 4, 1, -6], [1, 2, 4, 1, 1],
        [2, 0, 4, 1, 9], [2, 1, 4, 1, 3], [2, 2, 4, 1, 10],
        [3, 0, 4, 1, 0], [3, 1, 4, 1, -6], [3, 2, 4, 1, 1],
      ],
      start: [1, 0, 0, 0, 0], discount: 0.8, horizon: 2, theta: zeros(5, 3),
    },
    savings: {
      name: "Savings", about: "Spend or save, twice. Uphill may lead to the lower of two tops.",
      states: ["poor", "rich"], actions: ["spend", "save"],
      rows: [[0, 0, 0, 1, 1], [0, 1, 1, 1, -1], [1, 0, 1, 1, 4]],
      start: [1, 0], discount: 1, horizon: 2, theta: [[0.7, -0.7], [0, 0]],
    },
    empty: {
      name: "My world", about: "Two states and nearly nothing in them.",
      states: ["here", "there"], actions: ["stay", "leave"],
      rows: [[0, 0, 0, 1, 0], [0, 1, 1, 1, 1]],
      start: [1, 0], discount: 0.9, horizon: 5, theta: zeros(2, 2),
    },
  };

  const copy = (world) => JSON.parse(JSON.stringify(world));

  // ---- What is wrong -----------------------------------------------------------------------------------------------

  /* A number as people write it: no more digits than it needs, and a real minus. */
  function written(number, digits = 6) {
    return String(+number.toPrecision(digits)).replace("-", "−");
  }

  const isNumber = (value) => typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= LARGEST;

  /* Whether nothing happens in a state any more: it has no row, or all of them lead back and pay nothing. */
  function isEnd(world, state) {
    return world.rows.every(([s, , n, , r]) => s !== state || (n === state && r === 0));
  }

  /* What is wrong with a world: [{at, text, repair}]. `at` names a field, `repair` what a button could do about it.

     Fields: "states 0", "actions 1", "row 2 probability", "sum 0 1" (a state and an action), "start 0", "start sum",
     "discount", "horizon", "theta", "world". */
  function problems(world) {
    const found = [];
    const tell = (at, text, repair) => found.push({ at, text, repair });
    if (!world || typeof world !== "object" || ["states", "actions", "rows", "start", "theta"].some((part) => !Array.isArray(world[part]))) {
      return [{ at: "world", text: "It has no states, actions, rows, start or θ." }];
    }
    const { states, actions, rows, start, discount, horizon, theta } = world;
    for (const [kind, names] of [["states", states], ["actions", actions]]) {
      if (!names.length) tell("world", `There are no ${kind}: add one.`);
      if (names.length > LIMITS[kind]) tell("world", `There are ${names.length} ${kind}: at most ${LIMITS[kind]} can be computed here.`);
      names.forEach((name, number) => {
        if (typeof name !== "string" || !name.trim()) tell(`${kind} ${number}`, "Give it a name.");
        else if (names.indexOf(name) !== number) tell(`${kind} ${number}`, `There are two ${kind} called “${name}”: name one of them otherwise.`);
      });
    }
    if (rows.length > LIMITS.rows) tell("world", `There are ${rows.length} rows: at most ${LIMITS.rows} can be computed here.`);
    if (!rows.length) tell("world", "There is no row, so nothing can happen: add one.");
    const sums = new Map(), seen = new Set(), unsound = new Set(); // of pairs: what they sum to, and where a row is wrong
    rows.forEach((row, number) => {
      if (!Array.isArray(row) || row.length !== 5) return tell("world", `Row ${number + 1} is not a state, an action, a next state, a probability and a reward.`);
      const [s, a, n, p, r] = row;
      let known = true;
      for (const [field, value, names] of [["state", s, states], ["action", a, actions], ["next state", n, states]]) {
        if (Number.isInteger(value) && value >= 0 && value < names.length) continue;
        known = false;
        tell(`row ${number} ${field.split(" ")[0]}`, `Row ${number + 1} names the ${field} ${value}, which is not there: choose one.`);
      }
      if (!isNumber(p)) tell(`row ${number} probability`, "Give a number, such as 0.5 or 1/3.");
      else if (p <= 0) tell(`row ${number} probability`, `${written(p)} is no probability here: give a number above 0, or remove the row.`);
      else if (p > 1 + SUM) tell(`row ${number} probability`, `${written(p)} is more than 1: give at most 1.`);
      if (!isNumber(r)) tell(`row ${number} reward`, "Give a number between −1e9 and 1e9.");
      const way = `${s} ${a} ${n}`, pair = `${s} ${a}`;
      if (!known || !isNumber(p) || p <= 0 || p > 1 + SUM || seen.has(way)) unsound.add(pair);
      if (!known) return undefined;
      if (seen.has(way)) tell(`row ${number} next`, `“${states[s]}”, “${actions[a]}” → “${states[n]}” is there twice: put both into one row.`);
      seen.add(way);
      sums.set(pair, (sums.get(pair) ?? 0) + p);
      return undefined;
    });
    for (const [pair, sum] of sums) {
      const [s, a] = pair.split(" ");
      // What a wrong row sums to is told once the row is right.
      if (unsound.has(pair) || Math.abs(sum - 1) <= SUM) continue;
      tell(`sum ${pair}`, `The probabilities of “${actions[a]}” in “${states[s]}” sum to ${written(sum)}, not 1.`, "scale");
    }
    if (start.length !== states.length) tell("world", "The start does not fit the states.");
    let sum = 0, sound = true;
    start.forEach((p, state) => {
      if (isNumber(p) && p >= 0 && p <= 1 + SUM) { sum += p; return; }
      sound = false;
      tell(`start ${state}`, isNumber(p) ? `${written(p)} is no probability: give a number from 0 to 1.` : "Give a number from 0 to 1.");
    });
    if (sound && sum === 0) tell("start sum", "There is no start: give a state in which to begin a probability above 0.");
    else if (sound && Math.abs(sum - 1) > SUM) tell("start sum", `The probabilities of the start sum to ${written(sum)}, not 1.`, "scale");
    if (!isNumber(discount) || discount < 0 || discount > 1) tell("discount", `γ is ${isNumber(discount) ? written(discount) : "no number"}: give a number from 0 to 1.`);
    if (horizon !== null && !(Number.isInteger(horizon) && horizon >= 1 && horizon <= LIMITS.horizon)) {
      tell("horizon", `Give a whole number of decisions from 1 to ${LIMITS.horizon}, or let walks go on.`);
    }
    const fits = theta.length === states.length && theta.every((row) => Array.isArray(row) && row.length === actions.length && row.every(isNumber));
    if (!fits) tell("theta", "θ does not fit the states and actions.");
    if (!found.length && horizon === null && discount === 1) {
      const stuck = neverEnds(world);
      if (stuck >= 0) {
        tell("discount", `With γ = 1 a walk that comes to “${states[stuck]}” never ends: give a horizon or a smaller γ, or let a way lead to an end.`);
      } else if (totalVisits(world) > MOST_STEPS) {
        tell("discount", "With γ = 1 a walk is expected to go on for more than 10⁸ steps: give a horizon, a smaller γ, or θ nearer to 0.");
      }
    }
    return found;
  }

  /* The first state that is reached and from which no end is, or −1. */
  function neverEnds(world) {
    const n = world.states.length;
    const closure = (from, forward) => {
      const reached = from.slice();
      for (let again = true; again;) {
        again = false;
        for (const [s, , t] of world.rows) {
          const [one, other] = forward ? [s, t] : [t, s];
          if (reached[one] && !reached[other]) reached[other] = again = true;
        }
      }
      return reached;
    };
    const reached = closure(world.start.map((p) => p > 0), true);
    const ends = closure(Array.from({ length: n }, (_, s) => isEnd(world, s)), false);
    return reached.findIndex((is, s) => is && !ends[s]);
  }

  // ---- J and its gradient ------------------------------------------------------------------------------------------

  /* Which actions may be taken: those that have a row. */
  function allowed(world) {
    const may = world.states.map(() => world.actions.map(() => false));
    for (const [s, a] of world.rows) may[s][a] = true;
    return may;
  }

  /* π(a|s) = exp θ(s,a) / Σ exp θ(s,b), over the actions that may be taken; a state without any has zeros. */
  function policy(world) {
    const may = allowed(world);
    return world.theta.map((row, s) => {
      const largest = Math.max(...row.filter((_, a) => may[s][a]));
      const weights = row.map((theta, a) => (may[s][a] ? Math.exp(theta - largest) : 0));
      const sum = weights.reduce((x, y) => x + y, 0);
      return weights.map((weight) => (sum ? weight / sum : 0));
    });
  }

  /* Solve M x = b for several b, which become the x, by elimination with the largest pivot. */
  function solve(matrix, right) {
    const n = matrix.length;
    for (let k = 0; k < n; k += 1) {
      let best = k;
      for (let i = k + 1; i < n; i += 1) if (Math.abs(matrix[i][k]) > Math.abs(matrix[best][k])) best = i;
      [matrix[k], matrix[best]] = [matrix[best], matrix[k]];
      [right[k], right[best]] = [right[best], right[k]];
      for (let i = k + 1; i < n; i += 1) {
        const factor = matrix[i][k] / matrix[k][k];
        if (!factor) continue;
        for (let j = k; j < n; j += 1) matrix[i][j] -= factor * matrix[k][j];
        for (let j = 0; j < right[i].length; j += 1) right[i][j] -= factor * right[k][j];
      }
    }
    for (let k = n - 1; k >= 0; k -= 1) {
      for (let j = 0; j < right[k].length; j += 1) {
        let sum = right[k][j];
        for (let i = k + 1; i < n; i += 1) sum -= matrix[k][i] * right[i][j];
        right[k][j] = sum / matrix[k][k];
      }
    }
    return right;
  }

  const table = (rows, columns) => Array.from({ length: rows }, () => Array(columns).fill(0));
  const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);

  /* What the policy makes of a world: its steps, without those of ends, with the probability of each. */
  function walked(world) {
    const pi = policy(world), n = world.states.length;
    const live = world.states.map((_, s) => !isEnd(world, s));
    const steps = world.rows.filter(([s]) => live[s]).map(([s, a, t, p, r]) => ({ s, a, t, p, r, weight: pi[s][a] * p }));
    const start = world.start.map((p) => p / world.start.reduce((x, y) => x + y, 0));
    // Rows sum to 1 up to rounding; made exact, as pgcode makes them.
    const sums = new Map();
    for (const { s, a, p } of steps) sums.set(`${s} ${a}`, (sums.get(`${s} ${a}`) ?? 0) + p);
    for (const step of steps) {
      step.p /= sums.get(`${step.s} ${step.a}`);
      step.weight = pi[step.s][step.a] * step.p;
    }
    const reached = start.map((p) => p > 0);
    for (let again = true; again;) {
      again = false;
      for (const { s, t, weight } of steps) if (reached[s] && weight > 0 && !reached[t]) reached[t] = again = true;
    }
    return { pi, n, live, steps, start, reached };
  }

  /* The expected number of steps, discounted. */
  function totalVisits(world) {
    return visitsOf(world, walked(world)).reduce((x, y) => x + y, 0);
  }

  /* d(s) = Σ γᵗ Pr(s_t = s), of the states in which something is decided. */
  function visitsOf(world, { n, live, steps, start, reached }) {
    if (world.horizon !== null) {
      let at = start.slice();
      const visits = Array(n).fill(0);
      for (let t = 0; t < world.horizon; t += 1) {
        const next = Array(n).fill(0);
        at.forEach((p, s) => { if (live[s]) visits[s] += world.discount ** t * p; });
        for (const { s, t: to, weight } of steps) next[to] += at[s] * weight;
        at = next;
      }
      return visits;
    }
    const inside = live.map((is, s) => is && reached[s]);
    const matrix = table(n, n);
    for (let s = 0; s < n; s += 1) matrix[s][s] = 1;
    for (const { s, t, weight } of steps) if (inside[s] && inside[t]) matrix[t][s] -= world.discount * weight;
    return solve(matrix, start.map((p, s) => [inside[s] ? p : 0])).map(([x]) => x);
  }

  /* J, V, visits and the gradient in both forms, each by a computation of its own.

     {objective, values (S), visits (S), policy (S, A), trajectory (S, A), stateAction (S, A), difference} */
  function exact(world) {
    const way = walked(world);
    const visits = visitsOf(world, way);
    const { values, stateAction } = byStates(world, way, visits);
    const trajectory = world.horizon === null ? byEndlessWalks(world, way, visits) : byWalks(world, way);
    let difference = 0;
    trajectory.forEach((row, s) => row.forEach((x, a) => { difference = Math.max(difference, Math.abs(x - stateAction[s][a])); }));
    return { objective: dot(way.start, values), values, visits, policy: way.pi, trajectory, stateAction, difference };
  }

  /* Σ_t γᵗ Σ_s Pr(s_t = s) Σ_a ∇π(a|s) Q_t(s,a), with Q backwards in time, or by one solve. */
  function byStates(world, { pi, n, live, steps, start, reached }, visits) {
    const gradient = table(n, world.actions.length), gamma = world.discount;
    const backed = (v) => {
      const q = table(n, world.actions.length);
      for (const { s, a, t, p, r } of steps) q[s][a] += p * (r + gamma * v[t]);
      return q;
    };
    const mean = (q) => q.map((row, s) => dot(row, pi[s]));
    const push = (weight, s, q, v) => q[s].forEach((value, a) => { gradient[s][a] += weight * pi[s][a] * (value - v[s]); });
    if (world.horizon === null) {
      const matrix = table(n, n), paid = Array(n).fill(0), inside = live.map((is, s) => is && reached[s]);
      // Where a walk never comes, and need not end, V is not asked for.
      for (let s = 0; s < n; s += 1) matrix[s][s] = 1;
      const known = gamma < 1 ? live : inside;
      for (const { s, t, weight, r } of steps) {
        if (!known[s]) continue;
        paid[s] += weight * r;
        if (known[t]) matrix[s][t] -= gamma * weight;
      }
      const v = solve(matrix, paid.map((x) => [x])).map(([x]) => x);
      const q = backed(v);
      visits.forEach((d, s) => { if (d) push(d, s, q, v); });
      return { values: v, stateAction: gradient };
    }
    const later = [Array(n).fill(0)], tables = [];
    for (let t = world.horizon - 1; t >= 0; t -= 1) {
      const q = backed(later[0]);
      tables.unshift(q);
      later.unshift(mean(q));
    }
    let at = start.slice();
    for (let t = 0; t < world.horizon; t += 1) {
      const next = Array(n).fill(0);
      at.forEach((p, s) => { if (p && live[s]) push(gamma ** t * p, s, tables[t], later[t]); });
      for (const { s, t: to, weight } of steps) next[to] += at[s] * weight;
      at = next;
    }
    return { values: later[0], stateAction: gradient };
  }

  /* Σ_τ P(τ) R(τ) Σ_t ∇log π(a_t|s_t): all walks at once, those that are in one state added up.

     For each state: the probability, E[R; s], E[Σ ∇log π; s] and E[R Σ ∇log π; s] of the walks that are there. */
  function byWalks(world, { pi, n, steps, start, live }) {
    const actions = world.actions.length, k = n * actions;
    let now = start.map((p) => ({ p, r: 0, x: new Float64Array(k), y: new Float64Array(k) }));
    for (let t = 0; t < world.horizon; t += 1) {
      // Who has come to an end stays there.
      const next = now.map((old, s) => (live[s] ? { p: 0, r: 0, x: new Float64Array(k), y: new Float64Array(k) } : old));
      const paid = world.discount ** t;
      for (const { s, a, t: to, weight, r } of steps) {
        const from = now[s], into = next[to];
        if (!from.p || !weight) continue;
        const reward = paid * r;
        into.p += weight * from.p;
        into.r += weight * (from.r + reward * from.p);
        for (let i = 0; i < k; i += 1) {
          into.x[i] += weight * from.x[i];
          into.y[i] += weight * (from.y[i] + reward * from.x[i]);
        }
        for (let b = 0; b < actions; b += 1) {
          const score = (a === b ? 1 : 0) - pi[s][b], i = s * actions + b;
          into.x[i] += weight * score * from.p;
          into.y[i] += weight * score * (from.r + reward * from.p);
        }
      }
      now = next;
    }
    return world.states.map((_, s) => world.actions.map((__, a) => now.reduce((sum, { y }) => sum + y[s * actions + a], 0)));
  }

  /* The same without a horizon: each reward times the scores before it, with Σ γᵗ E[Σ_{k<t} ∇log π; s_t] by one solve.
     The scores after a reward are left out: their mean beside it is 0. */
  function byEndlessWalks(world, { pi, n, live, steps, reached }, visits) {
    const actions = world.actions.length, k = n * actions, gamma = world.discount;
    const inside = live.map((is, s) => is && reached[s]);
    const matrix = table(n, n), entering = table(n, k);
    for (let s = 0; s < n; s += 1) matrix[s][s] = 1;
    const used = steps.filter(({ s }) => inside[s]);
    for (const { s, a, t, weight } of used) {
      if (!inside[t]) continue;
      matrix[t][s] -= gamma * weight;
      for (let b = 0; b < actions; b += 1) entering[t][s * actions + b] += gamma * visits[s] * weight * ((a === b ? 1 : 0) - pi[s][b]);
    }
    const scores = solve(matrix, entering);
    const gradient = table(n, actions);
    for (const { s, a, weight, r } of used) {
      for (let i = 0; i < k; i += 1) gradient[Math.floor(i / actions)][i % actions] += weight * r * scores[s][i];
      for (let b = 0; b < actions; b += 1) gradient[s][b] += weight * r * visits[s] * ((a === b ? 1 : 0) - pi[s][b]);
    }
    return gradient;
  }

  /* How many walks there are, as a number that may be infinite. */
  function countWalks(world) {
    if (world.horizon === null) return Infinity;
    const live = world.states.map((_, s) => !isEnd(world, s));
    let ways = world.states.map(() => 1);
    for (let t = 0; t < world.horizon; t += 1) {
      const longer = ways.map((count, s) => (live[s] ? 0 : count));
      for (const [s, , n] of world.rows) if (live[s]) longer[s] += ways[n];
      ways = longer;
    }
    return ways.reduce((sum, count, s) => sum + (world.start[s] > 0 ? count : 0), 0);
  }

  // ---- The link ----------------------------------------------------------------------------------------------------

  const VERSION = "1";

  function encode(world) {
    const { name, states, actions, rows, start, discount, horizon, theta } = world;
    const rounded = theta.map((row) => row.map((x) => +x.toPrecision(6)));
    const bytes = new TextEncoder().encode(JSON.stringify([name, states, actions, rows, start, discount, horizon, rounded]));
    const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    return `${VERSION}.${text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
  }

  /* Read what `encode` wrote, or throw an Error whose message is a sentence. */
  function decode(text) {
    const [version, ...rest] = decodeURIComponent(text).split(".");
    if (version !== VERSION) {
      throw new Error(/^\d+$/.test(version) ? "The link is of another release of this page." : "The link holds no world, or only a part of one.");
    }
    let parts;
    try {
      const bytes = atob(rest.join(".").replaceAll("-", "+").replaceAll("_", "/"));
      parts = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes, (sign) => sign.charCodeAt(0))));
    } catch {
      throw new Error("The link holds no world, or only a part of one.");
    }
    if (!Array.isArray(parts) || parts.length !== 8) throw new Error("The link holds no world, or only a part of one.");
    const [name, states, actions, rows, start, discount, horizon, theta] = parts;
    const world = { name: String(name), states, actions, rows, start, discount, horizon, theta };
    // What cannot be shown in the fields; the rest is told beside them.
    const fatal = problems(world).find(({ at, text: told }) => ["world", "theta"].includes(at) || told.includes("which is not there"));
    const broken = fatal || !states.every((x) => typeof x === "string") || !actions.every((x) => typeof x === "string");
    if (broken && !(fatal && fatal.text.startsWith("There is no row"))) {
      throw new Error(`The link holds a world that cannot be shown. ${fatal ? fatal.text : "A name is no text."}`);
    }
    return world;
  }

  // ---- Python ------------------------------------------------------------------------------------------------------

  const quoted = (text) => JSON.stringify(text);
  const plain = (number) => String(number);
  const list = (numbers) => `[${numbers.map(plain).join(", ")}]`;

  /* The world as Python code that runs, with J and its gradient. */
  function python(world) {
    const { states, actions, rows, start, discount, horizon, theta } = world;
    return `"""${world.name.replaceAll("\\", "").replaceAll('"', "'")}, from the page "Your world"."""

import numpy as np

import pgcode as pg

states = [${states.map(quoted).join(", ")}]
actions = [${actions.map(quoted).join(", ")}]
rows = [  # state, action, next state, probability, reward
${rows.map(([s, a, n, p, r]) => `    (${quoted(states[s])}, ${quoted(actions[a])}, ${quoted(states[n])}, ${plain(p)}, ${plain(r)}),`).join("\n")}
]

size = len(states), len(actions), len(states)
transition, reward = np.zeros(size), np.zeros(size)
for state, action, after, probability, pay in rows:
    place = states.index(state), actions.index(action), states.index(after)
    transition[place], reward[place] = probability, pay
allowed = transition.any(axis=2)  # an action without a row cannot be taken
for end in np.flatnonzero(~allowed.any(axis=1)):  # a state without a row is an end
    transition[end, :, end], allowed[end] = 1, True

world = pg.TabularMDP(
    transition,
    reward,
    initial=${list(start)},
    discount=${plain(discount)},
    horizon=${horizon === null ? "None" : plain(horizon)},
    allowed=allowed,
)
policy = pg.SoftmaxPolicy.for_mdp(world)
theta = np.array([
${theta.map((row) => `    ${list(row)},`).join("\n")}
], dtype=float)

if __name__ == "__main__":
    print("J =", pg.objective(world, policy, theta))
    print("its gradient:")
    print(pg.exact_gradient(world, policy, theta))
`;
  }

  const model = { LIMITS, PRESETS, copy, written, isEnd, allowed, problems, policy, exact, countWalks, encode, decode, python };
  if (typeof module === "object" && module.exports) module.exports = model;
  else window.pgWorld = model;
})();
