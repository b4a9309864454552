/* Runs Python for one page. The page sends {kind: "start", …} once, and then what it wants: see live.js. */
let python;

const tell = (text, share) => postMessage({ kind: "progress", text, share });
const words = (error) => String(error?.message || error).split("\n")[0].slice(0, 300);
const failed = (error) => postMessage({ kind: "failed", text: words(error) });

// Pyodide does not tell of all that goes wrong while it starts.
addEventListener("unhandledrejection", ({ reason }) => failed(reason));

/* What is loaded, how many bytes of it there are, and how many have come. They are counted before compression. */
let loading = null;

function count(bytes) {
  if (!loading) return;
  loading.here += bytes;
  const tenths = Math.min(Math.floor((10 * loading.here) / loading.whole), 10);
  if (tenths > loading.tenths) tell(`${loading.text}: ${10 * tenths} %`, tenths / 10);
  loading.tenths = Math.max(tenths, loading.tenths);
}

/* Let what is fetched be counted as it comes. Not where the browser has it already: it is there at once, and for an
   answer that went through here a browser does not keep what it has compiled. */
function countFetched() {
  const plain = fetch;
  self.fetch = async (...asked) => {
    const answer = await plain(...asked);
    if (!loading || !answer.body) return answer;
    const counter = new TransformStream({
      transform(piece, onward) {
        count(piece.byteLength);
        onward.enqueue(piece);
      },
    });
    return Object.defineProperty(new Response(answer.body.pipeThrough(counter), answer), "url", { value: answer.url });
  };
}

/* Do a work that loads something of which the size is known, and tell how far it is. */
async function counted(text, whole, work) {
  loading = whole > 0 ? { text, whole, here: 0, tenths: 0 } : null;
  try {
    return await work();
  } finally {
    loading = null;
  }
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${new URL(address).pathname.split("/").pop()} did not arrive (${answer.status})`);
  return answer.arrayBuffer();
}

async function load(pyodide, packages) {
  const wanted = packages.filter((name) => !(name in pyodide.loadedPackages));
  if (!wanted.length) return;
  const problems = [];
  if (!loading) tell(`Loading ${wanted.join(", ")}`);
  await pyodide.loadPackage(wanted, { messageCallback() {}, errorCallback: (text) => problems.push(text) });
  const absent = wanted.filter((name) => !(name in pyodide.loadedPackages));
  if (absent.length) throw new Error(`${absent.join(", ")} did not arrive${problems.length ? ` (${words(problems[0])})` : ""}`);
}

async function start({ python: { root, folder, lock, packages, sources, again, files }, page }) {
  if (!again) countFetched();
  const distribution = new URL(folder, root).href;
  const own = fetched(new URL(sources, root).href);
  own.catch(() => {});
  const pyodide = await counted("Loading Python", files.text, async () => {
    const { loadPyodide } = await import(new URL("pyodide.mjs", distribution));
    const made = await loadPyodide({
      indexURL: distribution,
      lockFileURL: new URL(lock, distribution).href,
      env: { HOME: "/course", MPLBACKEND: "agg" },
    });
    await load(made, packages);
    return made;
  });
  tell("Starting Python");
  pyodide.unpackArchive(await own, "zip", { extractDir: "/lib/course" });
  const Page = pyodide.runPython("import sys; sys.path.insert(0, '/lib/course'); from press.live.in_page import Page; Page");
  return { pyodide, page: Page((message) => postMessage(JSON.parse(message)), page), drawing: files.figures - files.text };
}

/* Load what code imports, where it is known; an answer that lacks a module is asked for again with it. */
async function supply(pyodide, sources) {
  for (const source of sources) await pyodide.loadPackagesFromImports(source, { messageCallback() {}, errorCallback() {} }).catch(() => {});
}

async function answer(data) {
  const { pyodide, page, drawing } = await python;
  if (data.kind === "slice") return JSON.parse(page.slice(JSON.stringify(data)));
  const packages = data.packages ?? [];
  await counted("Loading matplotlib", packages.includes("matplotlib") && !pyodide.loadedPackages.matplotlib ? drawing : 0, () => load(pyodide, packages));
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
