/* Runs Python for one page. The page sends {kind: "start", …} once, and then what it wants: see live.js. */
let python;

const tell = (text) => postMessage({ kind: "progress", text });
const words = (error) => String(error?.message || error).split("\n")[0].slice(0, 300);
const failed = (error) => postMessage({ kind: "failed", text: words(error) });

// Pyodide does not tell of all that goes wrong while it starts.
addEventListener("unhandledrejection", ({ reason }) => failed(reason));

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${new URL(address).pathname.split("/").pop()} did not arrive (${answer.status})`);
  return answer.arrayBuffer();
}

async function load(pyodide, packages) {
  const wanted = packages.filter((name) => !(name in pyodide.loadedPackages));
  if (!wanted.length) return;
  const problems = [];
  tell(`Loading ${wanted.join(", ")}`);
  await pyodide.loadPackage(wanted, { messageCallback() {}, errorCallback: (text) => problems.push(text) });
  const absent = wanted.filter((name) => !(name in pyodide.loadedPackages));
  if (absent.length) throw new Error(`${absent.join(", ")} did not arrive${problems.length ? ` (${words(problems[0])})` : ""}`);
}

async function start({ python: { root, folder, lock, packages, sources }, page }) {
  const distribution = new URL(folder, root).href;
  const own = fetched(new URL(sources, root).href);
  own.catch(() => {});
  const { loadPyodide } = await import(new URL("pyodide.mjs", distribution));
  const pyodide = await loadPyodide({
    indexURL: distribution,
    lockFileURL: new URL(lock, distribution).href,
    env: { HOME: "/course", MPLBACKEND: "agg" },
  });
  await load(pyodide, packages);
  tell("Starting Python");
  pyodide.unpackArchive(await own, "zip", { extractDir: "/lib/course" });
  const Page = pyodide.runPython("import sys; sys.path.insert(0, '/lib/course'); from press.live.in_page import Page; Page");
  return { pyodide, page: Page((message) => postMessage(JSON.parse(message)), page) };
}

/* Load what code imports, where it is known; an answer that lacks a module is asked for again with it. */
async function supply(pyodide, sources) {
  for (const source of sources) await pyodide.loadPackagesFromImports(source, { messageCallback() {}, errorCallback() {} }).catch(() => {});
}

async function answer(data) {
  const { pyodide, page } = await python;
  await load(pyodide, data.packages ?? []);
  if (data.kind === "run") await supply(pyodide, data.cells.map((cell) => cell.source));
  tell("Running");
  const ask = () => JSON.parse(data.kind === "call" ? page.call(data.name, data.argument) : page.run(JSON.stringify(data)));
  let result = ask();
  for (let name = result.error?.missing, tries = 0; name && tries < 3; name = result.error?.missing, tries++) {
    const before = Object.keys(pyodide.loadedPackages).length;
    tell(`Loading ${name}`);
    await supply(pyodide, [`import ${name}`]);
    if (Object.keys(pyodide.loadedPackages).length === before) {
      result.error.text += `\n${name} is not part of the Python that this page has.\n`;
      break;
    }
    postMessage({ kind: "again" });
    tell("Running");
    result = ask();
  }
  return result;
}

onmessage = async ({ data }) => {
  if (data.kind === "start") {
    python = start(data);
    python.then(() => postMessage({ kind: "ready" }), failed);
    return;
  }
  try {
    postMessage({ kind: "done", answer: await answer(data) });
  } catch (error) {
    if (/did not arrive/.test(words(error))) postMessage({ kind: "refused", text: `What this needs could not be loaded: ${words(error)}. Press the button to try again.` });
    else failed(error);
  }
};
