import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { connect } from "@countersign/client";
import { afterEach, describe, expect, it } from "vitest";
import { run } from "../../packages/countersign/src/doors/cli/index.ts";
import { openTestCli } from "../support/cli.ts";
import { openTestDatabase, urlOf } from "../support/database.ts";
import { until } from "../support/plane.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "countersign-init-"));
  made.push(folder);
  return folder;
}

/** Answers the questions of a person's terminal, one line each as it is asked. */
async function atTerminal(folder: string, answers: readonly string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = { stdout: "", stderr: "" };
  const left = [...answers];
  stdout.on("data", (chunk) => {
    said.stdout += chunk;
  });
  stderr.on("data", (chunk) => {
    said.stderr += chunk;
    if (/: $/.test(said.stderr)) {
      const next = left.shift();
      if (next === undefined) stdin.end();
      else stdin.write(`${next}\n`);
    }
  });
  const exit = await run({
    argv: ["init"],
    env: { HOME: folder },
    cwd: folder,
    stdin,
    stdout,
    stderr,
    serve: async () => 0,
    backup: () => Promise.reject(new Error("no backup here")),
    restore: () => Promise.reject(new Error("no restore here")),
  });
  return { exit, ...said };
}

/** `countersign up` as a process of its own. */
function startUp(folder: string, more: Readonly<Record<string, string>>) {
  const bin = fileURLToPath(new URL("../../packages/countersign/bin/countersign.js", import.meta.url));
  const env = { PATH: process.env.PATH, HOME: folder, COUNTERSIGN_PORT: "0", COUNTERSIGN_LOG: "error", ...more };
  const child = spawn(process.execPath, [bin, "up"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return {
    said: (count: number) =>
      until(async () => (text.split("\n").length > count ? text.split("\n") : undefined), 60_000),
    async stop() {
      child.kill("SIGINT");
      return ended;
    },
  };
}

const flags = ["--organisation", "One Person", "--workflow", "notes", "--purpose", "keep notes", "--agent", "scribe"];

describe("init", () => {
  it("writes a whole workspace for two people, without a question", async () => {
    const folder = emptyFolder();
    const cli = openTestCli();
    const people = ["--owner", "ana@acme.example", "--approver", "bo@acme.example"];
    const rules = ["--allow", "files.read_text_file", "--ask", "files.write_file"];
    const done = await cli.run(["init", ...flags, ...people, ...rules], { cwd: folder });
    expect(done).toMatchObject({ exit: 0, stderr: "" });
    expect(await cli.run(["check"], { cwd: folder })).toMatchObject({ exit: 0 });
    cli.close();
  });

  it("names its next steps as it was called itself", async () => {
    const cli = openTestCli({ PATH: "" });
    const args = ["init", ...flags, "--owner", "ana@acme.example", "--allow", "files.read_text_file"];
    const next = async (env: Record<string, string>) =>
      (await cli.run(args, { cwd: emptyFolder(), env })).stdout.split("next:\n")[1]?.trim().split("\n") ?? [];
    const npx = await next({ npm_command: "exec" });
    expect(npx).toHaveLength(4);
    for (const step of npx) expect(step.trim()).toMatch(/^npx countersign (check|up|agent|waiver)/);
    // With nothing on the path and no npm, only the whole paths can be typed.
    for (const step of await next({})) expect(step).toContain(join("bin", "countersign.js"));
    const none = await cli.run(["whoami"], {
      env: { npm_command: "exec", COUNTERSIGN_URL: "http://127.0.0.1:9" },
    });
    expect(none.stderr).toContain("no server answers at http://127.0.0.1:9 (start one with `npm start` in ");
    cli.close();
  });

  it("MT-8 cannot finish without an owner and rules, and writes nothing then", async () => {
    const folder = emptyFolder();
    const cli = openTestCli();
    const withoutOwner = await cli.run(["init", ...flags, "--allow", "files.read_text_file"], { cwd: folder });
    expect(withoutOwner).toMatchObject({ exit: 2, stdout: "" });
    expect(withoutOwner.stderr).toContain("missing: --owner");
    const withoutRules = await cli.run(["init", ...flags, "--owner", "ana@acme.example"], { cwd: folder });
    expect(withoutRules.exit).toBe(2);
    expect(withoutRules.stderr).toContain("missing: --allow, --ask or --block");
    const noOwnerGiven = await atTerminal(folder, ["One Person", "notes", "keep notes", "", "", ""]);
    expect(noOwnerGiven).toMatchObject({ exit: 2, stdout: "" });
    expect(noOwnerGiven.stderr).toContain("there is no workflow without `owner`");
    const noRulesGiven = await atTerminal(folder, [
      "One",
      "notes",
      "keep notes",
      "ana@acme.example",
      "scribe",
      "",
      ...Array(9).fill(""),
    ]);
    expect(noRulesGiven).toMatchObject({ exit: 2, stdout: "" });
    expect(readdirSync(folder)).toEqual([]);
    cli.close();
  });

  it("asks, checks what it makes, and never overwrites", async () => {
    const folder = emptyFolder();
    const tools = ["files.read_text_file", "files.write_file", ""];
    const asked = await atTerminal(folder, [
      "One Person",
      "notes",
      "keep notes",
      "ana@acme.example",
      "scribe",
      "",
      ...tools,
    ]);
    expect(asked).toMatchObject({ exit: 0 });
    expect(readFileSync(join(folder, "workflows", "notes.yaml"), "utf8")).toContain("dri: ana@acme.example");
    const cli = openTestCli();
    expect(await cli.run(["check"], { cwd: folder })).toMatchObject({ exit: 0, stdout: "ok: 3 files hold together\n" });
    const before = readFileSync(join(folder, "countersign.yaml"), "utf8");
    expect(
      (
        await cli.run(["init", ...flags, "--owner", "bo@acme.example", "--allow", "files.read_text_file"], {
          cwd: folder,
        })
      ).exit,
    ).toBe(6);
    expect(readFileSync(join(folder, "countersign.yaml"), "utf8")).toBe(before);
    cli.close();
  });

  it("writes nothing where a rule names a tool that no server has, and says which was meant", async () => {
    const folder = emptyFolder();
    const cli = openTestCli();
    const ran = await cli.run(["init", ...flags, "--owner", "ana@acme.example", "--allow", "files.read_txt_file"], {
      cwd: folder,
    });
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toContain("did you mean `files.read_text_file`?");
    expect(existsSync(join(folder, "countersign.yaml"))).toBe(false);
    cli.close();
  });

  it("MT-260 leads one person from an empty folder to a receipt in one sitting, with no account anywhere", async () => {
    const started = performance.now();
    const folder = emptyFolder();
    const database = await openTestDatabase();
    const cli = openTestCli();
    const rules = ["--allow", "files.read_text_file", "--ask", "files.write_file"];
    expect((await cli.run(["init", ...flags, "--owner", "ana@acme.example", ...rules], { cwd: folder })).exit).toBe(0);
    const up = startUp(folder, { DATABASE_URL: database.url, DATABASE_ADMIN_URL: urlOf(database.ownerAt) });
    try {
      const [url = "", link = ""] = await up.said(2);
      const on = { env: { COUNTERSIGN_URL: url }, cwd: folder };
      expect((await cli.run(["login"], { ...on, input: link })).exit).toBe(0);
      const key = (await cli.run(["agent", "key", "issue", "scribe", "--environment", "sandbox"], on)).stdout.trim();
      const waiver = [
        "--agent",
        "scribe",
        "--workflow",
        "notes",
        "--tier",
        "2",
        "--days",
        "14",
        "--reason",
        "first trial",
      ];
      expect((await cli.run(["waiver", "propose", ...waiver, "--json"], on)).json).toMatchObject({ inForce: true });
      const agent = connect({ url, key });
      const path = join(folder, "sandbox", "first.md");
      const held = await agent.actions.submit({
        server: "files",
        tool: "write_file",
        arguments: { path, content: "first" },
      });
      expect(held.state).toBe("held");
      const approved = await cli.run(["approvals", "approve", held.id, "--yes"], on);
      expect([approved.exit, approved.stderr]).toEqual([0, ""]);
      expect((await agent.actions.end(held.id, AbortSignal.timeout(60_000))).state).toBe("done");
      expect(readFileSync(path, "utf8")).toBe("first");
      expect((await cli.run(["receipt", held.id], on)).stdout).toContain("ana@acme.example approved it");
      expect(performance.now() - started).toBeLessThan(600_000);
    } finally {
      expect(await up.stop()).toBe(0);
      await database.close();
      cli.close();
    }
  });
});

describe("offline", () => {
  it("check names file, line, column, what was expected and what was meant", async () => {
    const folder = emptyFolder();
    const cli = openTestCli();
    await cli.run(["init", ...flags, "--owner", "ana@acme.example", "--allow", "files.read_text_file"], {
      cwd: folder,
    });
    const file = join(folder, "workflows", "notes.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("pattern: guardrailed", "pattern: guardrail"));
    const ran = await cli.run(["check"], { cwd: folder });
    expect(ran.exit).toBe(2);
    expect(ran.stdout).toMatch(/^workflows\/notes\.yaml:\d+:\d+: error: .*; did you mean `guardrailed`\?\n1 error: /);
    expect((await cli.run(["check", "--json"], { cwd: folder })).json).toMatchObject({
      ok: false,
      problems: [{ file: "workflows/notes.yaml", nearest: "guardrailed" }],
    });
    cli.close();
  });

  it("import makes tools files of a client's list and never repeats a credential", async () => {
    const folder = emptyFolder();
    const cli = openTestCli();
    const token = `ghp_${"a1B2".repeat(9)}`;
    const list = { mcpServers: { GitHub: { command: "github-mcp", env: { GITHUB_TOKEN: token } } } };
    writeFileSync(join(folder, ".mcp.json"), JSON.stringify(list));
    const env = { npm_command: "exec" };
    const ran = await cli.run(["tools", "import", ".mcp.json"], { cwd: folder, env });
    expect(ran.exit).toBe(0);
    const text = readFileSync(join(folder, "tools", "github.yaml"), "utf8");
    expect(text).toContain("secret://");
    expect(text + ran.stdout + ran.stderr).not.toContain(token);
    // Each way to name the program in one output is the one by which it was called.
    expect(ran.stdout).toContain("npx countersign secret put");
    expect(ran.stdout).toContain("until `npx countersign tools review`");
    expect((await cli.run(["tools", "import", ".mcp.json"], { cwd: folder })).exit).toBe(6);
    cli.close();
  });

  it("doctor names what is not right and ends with 1", async () => {
    const cli = openTestCli({ COUNTERSIGN_URL: "http://127.0.0.1:9" });
    const { exit, json } = await cli.run(["doctor", "--json"]);
    expect(exit).toBe(1);
    const findings: readonly { what: string; ok: boolean }[] = json.findings;
    expect(findings.filter((one) => one.ok).map((one) => one.what)).toEqual(["runtime", "settings", "data folder"]);
    cli.close();
  });
});
