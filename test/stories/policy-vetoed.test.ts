import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, openTestPlane, type TestPlane } from "../support/plane.ts";

const veto = {
  name: "estate",
  kind: "opa-http",
  // Nobody is asked here: a veto is asked about a call, and none is made.
  url: "http://127.0.0.1:9",
  path: "estate/verdict",
  workflows: ["docs-upkeep"],
  tools: ["files.read_text_file"],
  timeoutMs: 500,
};

let plane: TestPlane;
let cli: TestCli;
beforeAll(async () => {
  plane = await openTestPlane({
    edit: { "countersign.yaml": (text) => `${text}\nvetoes: ${JSON.stringify([veto])}\n` },
  });
  cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: await plane.person(ana) });
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
});

describe("a veto that is attached", { timeout: 120_000 }, () => {
  it("is named by `policy who-can` beside what the policies say, which is said of a run that read nothing of others", async () => {
    const ran = await cli.run(["policy", "who-can", "files.read_text_file", "--json"]);
    expect(ran.json.assumes).toContain("a run that has read nothing that others wrote");
    const of = (workflow: string) => ran.json.answers.find((one: { workflow: string }) => one.workflow === workflow);
    expect(of("docs-upkeep")).toMatchObject({ answer: "allow", vetoes: ["estate"] });
    const others = ran.json.answers.filter((one: { workflow: string }) => one.workflow !== "docs-upkeep");
    for (const one of others) expect(one.vetoes).toEqual([]);
    const other = await cli.run(["policy", "who-can", "files.list_directory", "--json"]);
    for (const one of other.json.answers) expect(one.vetoes).toEqual([]);
    const shown = await cli.run(["policy", "who-can", "files.read_text_file", "--agent", "scribe"]);
    expect(shown.stdout).toContain("veto `estate` is asked then, and may deny it");
    expect(shown.stdout).toContain("answered for a run that has read nothing that others wrote");
  });

  it("is named by `policy explain --request`, and not where the policies deny", async () => {
    const explain = (request: object, ...options: string[]) =>
      cli.run(["policy", "explain", "--request", "-", ...options], { input: JSON.stringify(request) });
    const path = join(plane.folder, "sandbox/pages/welcome.md");
    const asked = { agent: "scribe", tool: "files.read_text_file", args: { path } };
    expect((await explain(asked, "--json")).json).toMatchObject({ decision: { effect: "allow" }, vetoes: ["estate"] });
    expect((await explain(asked)).stdout).toContain("veto `estate` is attached: it is asked about the call itself");
    const stopped = { ...asked, facts: { stopped: true } };
    expect((await explain(stopped, "--json")).json).toMatchObject({ decision: { effect: "deny" }, vetoes: [] });
    expect((await explain({ ...asked, tool: "files.list_directory" }, "--json")).json.vetoes).toEqual([]);
  });
});
