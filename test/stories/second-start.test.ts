import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Product, startProduct } from "../support/product.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
let port: number;
let product: Product;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "countersign-second-"));
  cpSync(join(root, "examples/workspace"), join(folder, "workspace"), { recursive: true });
  port = await freePort();
  env = {
    COUNTERSIGN_DATA: join(folder, "data"),
    COUNTERSIGN_WORKSPACE: join(folder, "workspace"),
    COUNTERSIGN_PORT: String(port),
    COUNTERSIGN_DRAIN_SECONDS: "1",
  };
  product = await startProduct(env);
});
afterAll(async () => {
  await product?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const at = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof at === "object" && at !== null ? at.port : 0;
}

/** The port that is named instead can be listened on: which one. */
async function requireFree(said: string): Promise<number> {
  const named = Number(/COUNTERSIGN_PORT=(\d+)/.exec(said)?.[1]);
  expect(named).toBeGreaterThan(port);
  const probe = createServer().listen(named, "127.0.0.1");
  await new Promise((resolve, reject) => probe.once("listening", resolve).once("error", reject));
  await new Promise((resolve) => probe.close(resolve));
  return named;
}

async function run(
  args: readonly string[],
  more: Record<string, string>,
): Promise<{ exit: number | null; said: string }> {
  const child = spawn(process.execPath, args, { cwd: root, env: { PATH: process.env.PATH, ...more } });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const exit = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exit, said };
}

describe("a second start over a data folder in which a server runs", () => {
  const named = () => `process ${product.child.pid}, at http://localhost:${port}`;

  it("names the running server and what to do, on the same port and on another", async () => {
    const up = [join(root, "packages/countersign/bin/countersign.js"), "up"];
    for (const other of [port, await freePort()]) {
      const { exit, said } = await run(up, { ...env, COUNTERSIGN_PORT: String(other) });
      expect(exit, said).toBe(6);
      expect(said).toContain(`a server runs over \`${env.COUNTERSIGN_DATA}\` already: ${named()}`);
      expect(said).toContain(`stop it first: \`kill ${product.child.pid}\``);
    }
  });

  it("does so as `npm start`, too, and a stranger on the port is still told apart", async () => {
    const start = [join(root, "scripts/start.ts")];
    const { exit, said } = await run(start, { COUNTERSIGN_DATA: folder, COUNTERSIGN_PORT: String(port) });
    expect(exit).toBe(6);
    expect(said).toContain(named());
    const elsewhere = join(folder, "elsewhere");
    const foreign = await run(start, { COUNTERSIGN_DATA: elsewhere, COUNTERSIGN_PORT: String(port) });
    expect(foreign.said).toContain(`port ${port} is taken: another program listens there`);
    await requireFree(foreign.said);
    expect(existsSync(elsewhere)).toBe(false);
  });

  it("leaves nothing behind where a stranger has the port, and says how to choose another", async () => {
    const up = [join(root, "packages/countersign/bin/countersign.js"), "up"];
    const elsewhere = join(folder, "elsewhere");
    const { COUNTERSIGN_PORT: _, ...rest } = env;
    const taken = await run(up, { ...env, COUNTERSIGN_DATA: elsewhere });
    expect(taken.exit, taken.said).toBe(75);
    expect(taken.said).toContain(`port ${port} of 127.0.0.1 cannot be listened on`);
    await requireFree(taken.said);
    // The next one is taken, too, by whomever: it is not named.
    const beside = createServer();
    await new Promise<void>((resolve) => beside.once("error", () => resolve()).listen(port + 1, "127.0.0.1", resolve));
    const both = await run(up, { ...env, COUNTERSIGN_DATA: elsewhere });
    expect(await requireFree(both.said)).not.toBe(port + 1);
    beside.close();
    // The same for a port that only the workspace's file names.
    const named = join(folder, "named");
    cpSync(join(folder, "workspace"), named, { recursive: true });
    const file = join(named, "countersign.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/listen: .*/, `listen: 127.0.0.1:${port}`));
    expect(readFileSync(file, "utf8")).toContain(`listen: 127.0.0.1:${port}`);
    const byFile = await run(up, { ...rest, COUNTERSIGN_DATA: elsewhere, COUNTERSIGN_WORKSPACE: named });
    expect(byFile.exit, byFile.said).toBe(75);
    expect(existsSync(elsewhere)).toBe(false);
  });

  it("goes on where the first was killed, whatever it left behind", async () => {
    await product.kill();
    expect(existsSync(join(folder, "data/running.json"))).toBe(true);
    product = await startProduct(env);
    await product.stop();
    expect(existsSync(join(folder, "data/running.json"))).toBe(false);
  });
});
