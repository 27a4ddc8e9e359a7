import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildOpa } from "../../scripts/build-opa.ts";

export interface RunningOpa {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real OPA on loopback, such as with `--bundle` and one that carries a revision. */
export async function startOpa(...more: readonly string[]): Promise<RunningOpa> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    buildOpa(),
    ["run", "--server", "--skip-version-check", "--log-level=error", "--addr", `127.0.0.1:${port}`, ...more],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`opa did not start: ${said}`);
    const up = await fetch(`${url}/health?bundles`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return { url, stop: () => ended(child) };
    await sleep(50);
  }
  await ended(child);
  throw new Error(`opa did not answer: ${said}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

export interface BuiltBundle {
  readonly file: string;
  readonly digest: string;
  remove(): void;
}

/** What `opa build` makes of a folder of Rego: with `wasm` for one entrypoint, else for a server. */
export function buildBundle(folder: string, revision: string, entrypoint?: string): BuiltBundle {
  const out = mkdtempSync(join(tmpdir(), "countersign-bundle-"));
  const file = join(out, "bundle.tar.gz");
  const target = entrypoint === undefined ? [] : ["--target", "wasm", "--entrypoint", entrypoint];
  execFileSync(buildOpa(), ["build", ...target, "--bundle", folder, "--revision", revision, "--output", file]);
  const digest = `sha256:${createHash("sha256").update(readFileSync(file)).digest("hex")}`;
  return { file, digest, remove: () => rmSync(out, { recursive: true, force: true }) };
}
