import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = join(import.meta.dirname, "..", "packages", "countersign");
/** What is published where it is built; else the sources, whose types Node strips at every start. */
const program = existsSync(join(root, "dist", "main.js"))
  ? join(root, "dist", "main.js")
  : join(root, "src", "main.ts");
const isBuilt = program.endsWith(".js");
/** Node's own switches, as the first line of the command names them. */
export const flags: readonly string[] = (readFileSync(join(root, "bin", "countersign.js"), "utf8").split("\n")[0] ?? "")
  .split(" ")
  .filter((word) => word.startsWith("--"));

/** How the product was run, for whoever reads the figures. */
export const ranAs = isBuilt ? "as published" : "from the sources, with their types stripped at each start";

export interface Started {
  readonly seconds: number;
  readonly url: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts the product as a person does; resolves at the first answer that says it is ready. */
export async function start(folder: string, port = 0): Promise<Started> {
  const began = performance.now();
  const child = spawn(process.execPath, [...flags, ...(isBuilt ? ["--conditions=countersign-built"] : []), program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH ?? "",
      COUNTERSIGN_DATA: join(folder, "data"),
      COUNTERSIGN_WORKSPACE: join(folder, "workspace"),
      COUNTERSIGN_PORT: String(port),
      COUNTERSIGN_LOG: "error",
    },
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (line: Buffer) => resolve(line.toString("utf8").trim()));
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  while (
    !(await fetch(`${url}/readyz`)
      .then((answer) => answer.ok)
      .catch(() => false))
  )
    await sleep(10);
  const seconds = (performance.now() - began) / 1000;
  return {
    seconds,
    url,
    process: child,
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}
