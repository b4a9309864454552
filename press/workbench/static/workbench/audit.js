/* The editor on the page "Audit your own": code goes in, the report comes out. */
(() => {
  "use strict";

  const { el, runner } = window.pgBench;
  const { readNumber } = globalThis.pgNumbers ?? {}; // numbers.js

  const SCORES = `    pi = np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)
    gradient = np.zeros_like(theta)
    for i in range(batch.n_trajectories):
        for t in range(batch.lengths[i]):
            s, a = batch.states[i, t], batch.actions[i, t]
            score = (np.arange(theta.shape[1]) == a) - pi[s]
`;
  const BACKWARDS = (line) => `def advantages(steps):
    total, running = np.zeros(len(steps)), 0.0
    for t in reversed(range(len(steps))):
${line}
    return total
`;

  /* What may be audited: what the function gets, and examples, the first of which is right. */
  const KINDS = {
    estimator: {
      label: "an estimator of ∇J",
      gets: [
        ["batch.states", "(m, T+1), where each walk was"], ["batch.actions", "(m, T), what it did"],
        ["batch.rewards", "(m, T), what it was paid"], ["batch.lengths", "(m,), how many decisions it has"],
        ["batch.returns", "(m,), R(τ)"], ["batch.returns_from_step", "(m, T), G_t"],
        ["batch.discount", "γ"], ["batch.n_trajectories", "m"],
        ["theta", "(S, A), the logits of the softmax policy that acted"],
      ],
      returns: "Return an array (S, A), the estimate. One that draws random numbers takes rng as a third argument. For episodes, a buffer or a rollout, import from_episodes, from_buffer or from_rollout from pgcode.audit and put it above your function with @.",
      examples: {
        "a right one: REINFORCE": `def reinforce(batch, theta):
${SCORES}            weight = batch.discount**t * batch.returns_from_step[i, t]
            gradient[s] += weight * score
    return gradient / batch.n_trajectories
`,
        "broken: γᵗ": `def reinforce(batch, theta):
${SCORES}            weight = batch.returns_from_step[i, t]
            gradient[s] += weight * score
    return gradient / batch.n_trajectories
`,
        "broken: the score": `def reinforce(batch, theta):
${SCORES.replace("(np.arange(theta.shape[1]) == a) - pi[s]", "(np.arange(theta.shape[1]) == a) / pi[s]")}            weight = batch.discount**t * batch.returns_from_step[i, t]
            gradient[s] += weight * score
    return gradient / batch.n_trajectories
`,
        "broken: the mean": `def mean_over_steps(batch, theta):
${SCORES}            weight = batch.discount**t * batch.returns_from_step[i, t]
            gradient[s] += weight * score
    return gradient / batch.lengths.sum()
`,
      },
    },
    advantages: {
      label: "advantages with λ (GAE)",
      gets: [
        ["len(steps)", "T, the steps of the buffer"], ["steps.rewards", "(T,)"], ["steps.values", "(T,), V(s_t)"],
        ["steps.next_values", "(T,), V of the state that was reached"], ["steps.last_value", "V where the buffer stops"],
        ["steps.terminated", "(T,), the episode ended here"], ["steps.truncated", "(T,), it was cut here"],
        ["steps.done", "(T,), one of both"], ["steps.discount", "γ"], ["steps.gae_lambda", "λ"],
      ],
      returns: "Return the advantages, an array (T,).",
      examples: {
        "a right one": BACKWARDS(`        goes_on = 1.0 - steps.terminated[t]  # V counts, unless it ended
        same = 1.0 - steps.done[t]  # the next row is of this episode
        error = steps.rewards[t] + steps.discount * goes_on * steps.next_values[t] - steps.values[t]
        total[t] = running = error + steps.discount * steps.gae_lambda * same * running`),
        "broken: cuts": BACKWARDS(`        mask = 1.0 - steps.done[t]
        error = steps.rewards[t] + steps.discount * mask * steps.next_values[t] - steps.values[t]
        total[t] = running = error + steps.discount * steps.gae_lambda * mask * running`),
        "broken: masks": BACKWARDS(`        mask = 1.0 - steps.terminated[t]
        error = steps.rewards[t] + steps.discount * mask * steps.next_values[t] - steps.values[t]
        total[t] = running = error + steps.discount * steps.gae_lambda * mask * running`),
        "broken: the next value": BACKWARDS(`        then = steps.values[t + 1] if t + 1 < len(steps) else steps.last_value
        goes_on, same = 1.0 - steps.terminated[t], 1.0 - steps.done[t]
        error = steps.rewards[t] + steps.discount * goes_on * then - steps.values[t]
        total[t] = running = error + steps.discount * steps.gae_lambda * same * running`),
      },
    },
    sequences: {
      label: "advantages for a language model",
      gets: [
        ["batch.rewards", "(N,), of each answer"], ["batch.groups", "(N,), the prompt it answers"],
        ["batch.group_sizes", "(N,), how many answers that prompt has"], ["batch.group_mean(x)", "(N,), the mean of x in each group"],
        ["batch.mask", "(N, T), where an answer has a token"],
      ],
      returns: "Return an array (N,) or (N, T).",
      examples: {
        "a right one: leave one out": `def leave_one_out(batch):
    n = batch.group_sizes
    others = (n * batch.group_mean(batch.rewards) - batch.rewards) / (n - 1)
    return batch.rewards - others
`,
        "a step size in disguise": `def less_the_mean(batch):
    return batch.rewards - batch.group_mean(batch.rewards)
`,
        "broken: the deviation": `def in_deviations(batch):
    off = batch.rewards - batch.group_mean(batch.rewards)
    deviation = np.sqrt(batch.group_mean(off**2))
    return off / (deviation + 1e-6)
`,
        "broken: the whole batch": `def whitened(batch):
    off = batch.rewards - batch.rewards.mean()
    return off / (off.std() + 1e-6)
`,
      },
    },
  };
  const AGGREGATIONS = ["sequence sum", "sequence mean", "token mean", "constant"];
  /* Fields of numbers: what they are called, and what an empty one means. */
  const NUMBERS = {
    entropy: { label: "entropy bonus β", usual: 0 },
    seconds: { label: "seconds at most", usual: 60 },
  };

  function start(root) {
    let kind = "estimator", editor = null, audited = null; // the code that the report is on
    const options = { entropy: "0", aggregation: AGGREGATIONS[0], seconds: "60" }; // numbers as they are typed
    const live = window.pgLive;
    const key = () => `audit ${kind}`;
    const kept = () => (live ? live.kept(key(), "1") : null);
    const keep = (text) => live?.keep(key(), text, "1");

    const codeBox = el("div", { class: "pg-audit-code" });
    const help = el("details", { class: "admonition dropdown" });
    const report = el("div", { class: "pg-audit-report", "aria-live": "polite" });
    const printed = el("div", { class: "pg-audit-printed" }); // not read aloud: it may be long
    const stale = el("p", { class: "pg-audit-stale", hidden: true, role: "status" }, "You have changed the code since. This is the report on what stood there: audit again.");
    const extra = el("span", { class: "pg-bench-options" });

    const kinds = el("select", { "data-choice": "kind", onchange: (event) => { kind = event.target.value; clear(); render(); } },
      Object.entries(KINDS).map(([name, { label }]) => el("option", { value: name }, label)));
    const examples = el("select", {
      "data-choice": "example",
      onchange: (event) => {
        write(KINDS[kind].examples[event.target.value]);
        event.target.value = "";
      },
    });

    function plainEditor(box, { value, label, changed }) {
      const field = el("textarea", { "aria-label": label, spellcheck: "false", rows: value.split("\n").length, class: "pg-plain-editor", value });
      field.addEventListener("input", () => changed(field.value));
      box.append(field);
      return { get value() { return field.value; }, focus: () => field.focus(), mark() {} };
    }

    function write(text) {
      codeBox.replaceChildren();
      const make = live?.editor ?? plainEditor;
      editor = make(codeBox, { value: text, label: "Your code", run: () => run.run(), changed: (now) => { keep(now); compare(); } });
      keep(text);
      compare();
    }

    /* What is shown belongs to the last audit: nothing of it stands below another one. */
    function clear() {
      audited = null;
      report.replaceChildren();
      printed.replaceChildren();
      compare();
    }

    /* A report on other code than stands there says so. */
    function compare() {
      const isStale = audited !== null && editor.value !== audited;
      report.classList.toggle("is-stale", isStale);
      stale.hidden = !isStale;
    }

    function number(name) {
      const field = el("input", {
        type: "text", inputmode: "decimal", size: 4, value: options[name], "data-option": name,
        oninput: () => { options[name] = field.value; field.removeAttribute("aria-invalid"); },
      });
      return el("label", { class: "pg-bench-option" }, el("span", {}, NUMBERS[name].label), field);
    }

    /* The number in a field. One that is none is told, and nothing is asked of Python. */
    function value(name) {
      const { label, usual } = NUMBERS[name];
      if (!options[name].trim()) return usual;
      const { number: read, problem } = readNumber(options[name]);
      if (!problem) return read;
      extra.querySelector(`[data-option="${name}"]`).setAttribute("aria-invalid", "true");
      throw new Error(`${label[0].toUpperCase()}${label.slice(1)}: ${problem}`);
    }

    function render() {
      const { gets, returns, examples: all } = KINDS[kind];
      examples.replaceChildren(el("option", { value: "" }, "Choose …"), ...Object.keys(all).map((name) => el("option", { value: name }, name)));
      help.replaceChildren(
        el("summary", { class: "admonition-title" }, "What your function gets, and returns"),
        el("dl", {}, gets.flatMap(([name, what]) => [el("dt", {}, el("code", {}, name)), el("dd", {}, what)])),
        el("p", {}, `${returns} np is NumPy. Of several functions the last one is audited.`));
      extra.replaceChildren(...[
        kind === "estimator" && number("entropy"),
        kind === "sequences" && el("label", { class: "pg-bench-option" }, el("span", {}, "added up as"),
          el("select", { "data-option": "aggregation", onchange: (event) => { options.aggregation = event.target.value; } },
            AGGREGATIONS.map((name) => el("option", { value: name, selected: name === options.aggregation }, name)))),
        number("seconds"),
      ].filter(Boolean));
      write(kept() ?? Object.values(all)[0]);
    }

    const run = runner({
      label: "Audit it",
      halted: "Stopped. Nothing was audited.",
      job: async (ask, tell) => {
        editor.mark(null);
        clear();
        const request = { source: editor.value, kind, seconds: value("seconds") };
        if (kind === "estimator") request.entropy = value("entropy");
        if (kind === "sequences") request.aggregation = options.aggregation;
        tell({ text: "Auditing" });
        const answer = await ask("audit.report", request, request.seconds);
        audited = request.source;
        compare();
        if (answer.printed) printed.append(el("p", {}, "Your code printed:"), el("pre", { tabindex: "0", "aria-label": "What your code printed" }, answer.printed));
        if (answer.error) {
          editor.mark(answer.error.line);
          report.replaceChildren(el("p", {}, `Your code fails before it can be audited${answer.error.line ? `, in line ${answer.error.line}` : ""}.`), el("pre", { tabindex: "0" }, answer.error.text));
          return "Nothing was audited.";
        }
        live.show(report, answer.shown);
        const times = answer.calls === 1 ? "1 call" : `${answer.calls.toLocaleString("en")} calls`;
        return `“${answer.function}” was audited${request.entropy ? `, with β = ${request.entropy}` : ""}: ${times} in ${answer.seconds} s.`;
      },
    });

    root.replaceChildren(
      el("div", { class: "pg-bench-options" },
        el("label", { class: "pg-bench-option" }, el("span", {}, "I put in"), kinds),
        el("label", { class: "pg-bench-option" }, el("span", {}, "begin with"), examples)),
      help, codeBox, el("div", { class: "pg-bench-options" }, extra), run.box, stale, report, printed);
    render();
  }

  window.pgAudit = { KINDS, AGGREGATIONS };
  for (const root of document.querySelectorAll(".pg-audit-own")) start(root);
})();
