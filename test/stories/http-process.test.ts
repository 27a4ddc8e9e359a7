import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase, urlOf } from "../support/database.ts";

const main = fileURLToPath(new URL("../../packages/countersign/src/main.ts", import.meta.url));
const example = fileURLToPath(new URL("../../examples/workspace", import.meta.url));
let database: TestDatabase;
let root: string;
beforeAll(async () => {
  database = await openTestDatabase();
  root = mkdtempSync(join(tmpdir(), "countersign-process-"));
  cpSync(example, join(root, "workspace"), { recursive: true });
});
afterAll(async () => {
  await database?.close();
  rmSync(root, { recursive: true, force: true });
});

function start(more: Record<string, string> = {}) {
  const env = {
    PATH: process.env.PATH ?? "",
    COUNTERSIGN_DATA: join(root, "data"),
    COUNTERSIGN_WORKSPACE: join(root, "workspace"),
    COUNTERSIGN_PORT: "0",
    DATABASE_URL: database.url,
    DATABASE_ADMIN_URL: urlOf(database.ownerAt),
    ...more,
  };
  const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  const listening = new Promise<string>((resolve) => {
    child.stdout.on("data", (chunk) => {
      out += String(chunk);
      if (out.includes("\n")) resolve(out.trim());
    });
  });
  child.stderr.on("data", (chunk) => {
    err += String(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, listening, ended, err: () => err };
}

it.each(["SIGTERM", "SIGINT"] as const)("prints its address, answers there, and ends cleanly by %s", async (signal) => {
  const { child, listening, ended } = start();
  const url = await listening;
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  child.kill(signal);
  expect(await ended).toBe(0);
});

it("says what is wrong in words, with the exit code of the table, and leaves nothing running", async () => {
  const misspelled = start({ COUNTERSIGN_PROT: "4600" });
  expect(await misspelled.ended).toBe(2);
  expect(misspelled.err()).toContain("did you mean `COUNTERSIGN_PORT`?");
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const late = start({ COUNTERSIGN_PORT: `${port}` });
  expect(await late.ended).toBe(75);
  const [, named] = /COUNTERSIGN_PORT=(\d+)\n$/.exec(late.err()) ?? [];
  expect(late.err()).toBe(
    `countersign: port ${port} of 127.0.0.1 cannot be listened on\n  is another server running there? Choose another with COUNTERSIGN_PORT=${named}\n`,
  );
  expect(Number(named)).toBeGreaterThan(port);
  other.close();
});
