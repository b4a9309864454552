// Python as the pages run it, in Node: node interpreter.mjs FOLDER LOCK ROOT PACKAGE…
// Each line of the input is a request, {"call": name, "argument": …}: that function of harness.py is called, and the line
// that answers holds {"value": …} or {"error": …}, the seconds that the processors worked, and the size of the memory.
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, lock, root, ...packages] = process.argv.slice(2);
const here = path.resolve(folder) + path.sep;
const { loadPyodide } = await import(pathToFileURL(here + "pyodide.mjs"));
const said = [];
const hear = (line) => {
  said.push(line);
  if (said.length > 200) said.shift();
};
const python = await loadPyodide({
  indexURL: here,
  packageBaseUrl: here,
  lockFileURL: here + lock,
  env: { MPLBACKEND: "module://matplotlib_inline.backend_inline", PYTHONDONTWRITEBYTECODE: "1" },
  stdout: hear,
  stderr: hear,
});
await python.loadPackage(packages, { messageCallback() {}, errorCallback: hear });
// The repository: tests and notebooks read from it, and pgcode is that of the wheel all the same.
python.FS.mkdirTree("/repository");
python.FS.mount(python.FS.filesystems.NODEFS, { root }, "/repository");
python.runPython(fs.readFileSync(new URL("harness.py", import.meta.url), "utf8"));
const answer = (value) => process.stdout.write(JSON.stringify(value) + "\n");
answer({ value: "ready" });

for await (const line of readline.createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  const { call, argument } = JSON.parse(line);
  said.length = 0;
  let told;
  try {
    const called = python.globals.get(call);
    told = { value: JSON.parse(called(JSON.stringify(argument))) };
    called.destroy();
  } catch (error) {
    told = { error: String(error.message ?? error) };
  }
  const { user, system } = process.cpuUsage(before);
  answer({ ...told, said: [...said], seconds: (user + system) / 1e6, megabytes: python._module.HEAPU8.length / 1e6 });
}
