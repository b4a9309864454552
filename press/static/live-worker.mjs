/* Runs Python for one page. The page sends {kind: "start", …} once and then what it wants; see live.js. */
let python;

// Pyodide does not tell of all that goes wrong while it starts.
addEventListener("unhandledrejection", ({ reason }) => failed(reason));

const post = (message) => postMessage(message);
const tell = (text) => post({ kind: "progress", text });
const failed = (error) => post({ kind: "failed", text: String(error?.message || error).split("\n")[0] });

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer;
}

async function load(pyodide, packages) {
  const wanted = packages.filter((name) => !(name in pyodide.loadedPackages));
  if (!wanted.length) return;
  const problems = [];
  await pyodide.loadPackage(wanted, { messageCallback: tell, errorCallback: (text) => problems.push(text) });
  const absent = wanted.filter((name) => !(name in pyodide.loadedPackages));
  if (absent.length) throw new Error(`${absent.join(", ")} did not arrive${problems.length ? ` (${problems[0].split("\n")[0]})` : ""}`);
}

async function start({ python: { folder, lock, version, packages }, folder: home }) {
  const { loadPyodide } = await import(new URL("pyodide.mjs", folder));
  const pyodide = await loadPyodide({
    indexURL: folder,
    lockFileURL: new URL(lock, folder).href,
    env: { HOME: "/home/pyodide", MPLBACKEND: "agg", TQDM_DISABLE: "1" },
  });
  await load(pyodide, packages);
  tell("Starting Python");
  const source = await (await fetched(new URL(`live.py?v=${version}`, import.meta.url))).text();
  const show = (output) => post({ kind: "output", output: JSON.parse(output) });
  const Page = pyodide.runPython(`${source}\nPage`, { filename: "live.py" });
  return { pyodide, page: Page(show, home) };
}

onmessage = async ({ data }) => {
  try {
    if (data.kind === "start") {
      python = start(data);
      await python;
      post({ kind: "ready" });
      return;
    }
    const { pyodide, page } = await python;
    await load(pyodide, data.packages ?? []);
    tell("Running");
    const answer = data.kind === "call" ? page.call(data.name, data.argument) : page.run(JSON.stringify(data));
    post({ kind: "done", answer: JSON.parse(answer) });
  } catch (error) {
    failed(error);
  }
};
