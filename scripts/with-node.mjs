// Plain JavaScript for whatever Node is there: installs what is missing, then runs a script with the pinned Node.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stamp = join(root, "node_modules", ".countersign-installed");
const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  console.error("installing what is missing (once) …");
  const npm = process.env.npm_execpath;
  // Not `npm ci`: it refuses a lock file that lacks the optional packages of other platforms, and registries exist that lack them.
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = npm?.endsWith(".js")
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ["ignore", 2, 2] })
    : spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (done.status !== 0) {
    console.error("npm could not install the dependencies; nothing was started");
    process.exit(done.status ?? 70);
  }
  writeFileSync(stamp, lock);
}

const pinned = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
const node = existsSync(pinned) ? pinned : process.execPath;
if (node === process.execPath && Number(process.versions.node.split(".")[0]) < 22) {
  console.error(
    `node ${process.versions.node} is too old, and no pinned runtime exists for ${process.platform}-${process.arch}; install Node 24`,
  );
  process.exit(70);
}
const [script, ...rest] = process.argv.slice(2);
if (script === undefined) process.exit(2);
// The child gets the terminal's signals itself; this process only waits for it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
const { spawn } = await import("node:child_process");
const child = spawn(node, [join(root, script), ...rest], {
  cwd: process.cwd(),
  stdio: "inherit",
  shell: process.platform === "win32",
});
child.on("error", (cause) => {
  console.error(String(cause));
  process.exit(70);
});
child.on("close", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
