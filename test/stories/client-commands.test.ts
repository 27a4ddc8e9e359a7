import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codexToml } from "../../packages/countersign/src/doors/cli/client-settings.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { openTestPlane, type TestPlane } from "../support/plane.ts";

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

let plane: TestPlane;
let key: string;
let cli: TestCli;
const unrelated = mkdtempSync(join(tmpdir(), "countersign-unrelated-"));

beforeAll(async () => {
  plane = await openTestPlane();
  key = await plane.agent("scribe");
  cli = openTestCli({ COUNTERSIGN_URL: plane.url });
});
afterAll(async () => {
  cli?.close();
  rmSync(unrelated, { recursive: true, force: true });
  await plane?.close();
});

/** Starts what a client's settings name as a client does: in its user's folder, and with nothing on the path. */
async function toolsOf({ command, args, env }: Command): Promise<readonly string[]> {
  const client = new Client({ name: "starts a command", version: "1.0.0" });
  const whole = { ...env, COUNTERSIGN_KEY: key, PATH: unrelated, HOME: unrelated };
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: whole,
    cwd: unrelated,
    stderr: "ignore",
  });
  await client.connect(transport as never);
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}

/** The command in a table of TOML as `connect` prints it. */
function readToml(text: string): Command {
  const value = (name: string): string => new RegExp(`^\\s*${name} = (.+)$`, "m").exec(text)?.[1] ?? "";
  const env = value("env").replace(/(\w+) = /g, '"$1": ');
  return { command: JSON.parse(value("command")), args: JSON.parse(value("args")), env: JSON.parse(env) };
}

describe("what a client is set up with", () => {
  it("starts from any folder with nothing on the path, in each form that is printed, and names no key", async () => {
    const said = (await cli.run(["connect"])).stdout;
    const [json = ""] = said.split("\n").filter((line) => line.includes('"command"'));
    const printed: Command = JSON.parse(json).mcpServers.countersign;
    const bridge: Command = (await cli.run(["connect", "--json"])).json.bridge;
    for (const one of [printed, readToml(said), bridge]) {
      expect(isAbsolute(one.command)).toBe(true);
      expect(await toolsOf(one)).toContain("files__read_text_file");
    }
    expect(said).not.toMatch(/csk_[0-9a-z]/);
    expect(said).toContain(`claude mcp add --transport http countersign ${plane.url}/mcp `);
    const files: Command = (await cli.run(["connect", "--json", "--server", "files"])).json.bridge;
    expect(await toolsOf(files)).toContain("read_text_file");
  });

  it("would not start so by a name that is looked up", async () => {
    await expect(toolsOf({ command: "npx", args: ["countersign", "mcp"], env: {} })).rejects.toThrow("ENOENT");
    const printed = (await cli.run(["connect"])).stdout.split("\n").filter((line) => /"?command"?(:| =)/.test(line));
    expect(printed).toHaveLength(2);
    const { bridge } = (await cli.run(["connect", "--json"])).json;
    for (const form of [...printed, JSON.stringify(bridge)]) expect(form).not.toMatch(/\bnpx\b/);
  });

  it("keeps paths with quotes and backslashes whole in TOML", () => {
    const read = readToml(codexToml({ url: "http://localhost:4600", key: 'a"b\\c' }).join("\n"));
    expect(read.env).toEqual({ COUNTERSIGN_KEY: 'a"b\\c', COUNTERSIGN_URL: "http://localhost:4600" });
  });
});

describe("a Node that cannot run it", () => {
  const bin = join(import.meta.dirname, "../../packages/countersign/bin/countersign.js");

  it.each([
    [
      "is too old",
      ["--import", `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})`],
    ],
    ["cannot read TypeScript", ["--no-experimental-strip-types"]],
  ])("that %s gets one sentence with what to do, and 69", (_, flags) => {
    const ran = spawnSync(process.execPath, [...flags, bin, "connect"], { encoding: "utf8", cwd: unrelated });
    expect([ran.status, ran.stdout]).toEqual([69, ""]);
    expect(ran.stderr).toMatch(/^countersign needs Node 22\.18 or later, and this one .*: install Node 24; .*\n$/);
  });
});
