import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("../../scripts/tour.ts", import.meta.url));

it("the tour plays, checks itself, prints plain text where nobody watches, and leaves nothing behind", async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("countersign-tour-"));
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.stderr += text;
  });
  const exit = await new Promise((resolve) => child.once("close", resolve));
  expect([exit, said.stderr]).toEqual([0, said.stderr]);
  expect(said.stdout).not.toContain("\u001b");
  expect(said.stdout.split("\n").filter((one) => /^[ \d]\d {2}[A-Z]/.test(one))).toHaveLength(9);
  expect(said.stdout).toContain("Everything held.");
  expect(said.stdout.split("\n").filter((one) => one.trimEnd() !== one && one.trim() !== "")).toEqual([]);
  expect(said.stdout).not.toMatch(/cs[kplc]_[0-9a-z]{26}_/);
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith("countersign-tour-"));
  expect(after.filter((name) => !before.includes(name))).toEqual([]);
}, 120_000);
