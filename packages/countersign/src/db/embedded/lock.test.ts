import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockFolder } from "./lock.ts";

let root: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "countersign-lock-"));
  file = join(root, "countersign.lock");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const holder = () =>
  JSON.parse(readFileSync(file, "utf8")) as { pid: number; started: string; place: string; token: string };

it("holds until it is released", async () => {
  const lock = await lockFolder(root);
  await expect(lockFolder(root)).rejects.toMatchObject({
    code: "conflict",
    detail: expect.stringContaining(`process ${process.pid}`),
  });
  lock.release();
  (await lockFolder(root)).release();
});

it("takes over from a process that is dead, also when its id was given to another", async () => {
  const lock = await lockFolder(root);
  const real = holder();
  for (const stale of [
    { ...real, pid: 2 ** 22 + 1, token: "dead" },
    { ...real, started: "1", token: "reused" },
  ]) {
    writeFileSync(file, JSON.stringify(stale));
    const next = await lockFolder(root);
    expect(holder().pid).toBe(process.pid);
    next.release();
  }
  lock.release();
});

it("lets exactly one of many starts take over from the same dead holder", async () => {
  const lock = await lockFolder(root);
  writeFileSync(file, JSON.stringify({ ...holder(), started: "1", token: "dead" }));
  const module = new URL("./lock.ts", import.meta.url).href;
  const script = `const { lockFolder } = await import(${JSON.stringify(module)});
    await lockFolder(${JSON.stringify(root)}).then(() => { console.log("mine"); process.stdin.resume(); }, (error) => { console.log(error.code); process.exit(); });`;
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  // Whoever has it holds it until all have said what they got: one that starts late must not find it free.
  const answers = await Promise.all(
    children.map(async ({ stdout }) => {
      for await (const chunk of stdout) return String(chunk).trim();
      return "nothing";
    }),
  );
  for (const { stdin } of children) stdin.end();
  expect(answers.sort()).toEqual(["conflict", "conflict", "conflict", "conflict", "conflict", "mine"]);
  lock.release();
});

it("believes a heartbeat where the process cannot be looked up, and its silence", async () => {
  const lock = await lockFolder(root);
  const elsewhere = JSON.stringify({ ...holder(), place: "another container", pid: 1, token: "elsewhere" });
  lock.release();
  writeFileSync(file, elsewhere);
  const beat = setInterval(() => utimesSync(file, new Date(), new Date()), 300);
  await expect(lockFolder(root)).rejects.toMatchObject({ code: "conflict" });
  clearInterval(beat);
  const next = await lockFolder(root);
  expect(holder().pid).toBe(process.pid);
  next.release();
});
