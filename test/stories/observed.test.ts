import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { raiseAlerts } from "../../packages/countersign/src/governance/raise-alerts.ts";
import { openAlerts } from "../../packages/countersign/src/governance/sql.ts";
import { modern } from "../conformance/raw.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, openTestPlane, type TestPlane } from "../support/plane.ts";

/** Before the days that the workflows are observed until, whenever this runs. */
const behindMs = systemClock.now() - Date.parse("2026-12-01T09:00:00Z");

let plane: TestPlane;
let cli: TestCli;
let key: string;
beforeAll(async () => {
  plane = await openTestPlane({
    clock: { now: () => systemClock.now() - behindMs, tick: () => systemClock.tick() },
    edit: {
      // The second workflow of the example, let write in the sandbox while it is observed.
      "workflows/docs-upkeep.yaml": (text) =>
        text.replace("pattern: guardrailed", "pattern: autonomous-nonprod\nmode: observe until 2027-02-28"),
    },
  });
  key = await plane.agent("coder");
  cli = openTestCli({ COUNTERSIGN_URL: plane.url });
  const link = (await invite(plane.running.control, "countersign", ana)).shownOnce.reveal();
  await cli.run(["login"], { input: `${plane.url}/login?link=${link}\n` });
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
});

const at = (path: string): string => join(plane.folder, path);
const submit = async (tool: string, args: object, as = key) =>
  (await plane.call("POST", "/v1/actions", { key: as, body: { server: "files", tool, arguments: args } })).json;
const observed = async () => (await openAlerts(plane.database.db)).filter(({ kind }) => kind === "observed");

describe("a workflow that is only observed", () => {
  it("of the example writes nothing, in production or elsewhere, whoever issues a key", async () => {
    const content = "x\n";
    const inSandbox = await submit("write_file", { path: at("sandbox/pages/new.md"), content });
    expect(inSandbox).toMatchObject({ state: "refused", refusal: "policy" });
    expect(inSandbox).not.toHaveProperty("observed");
    const live = await plane.agent("coder", "production");
    const inProduction = await submit("write_file", { path: at("production/site.json"), content }, live);
    expect(inProduction).toMatchObject({ state: "refused", refusal: "policy", environment: "production" });
    expect(await observed()).toEqual([]);
  });

  it("writes in the sandbox where its pattern lets it, and in production is decided as if enforced", async () => {
    const content = "x\n";
    const live = await plane.agent("scribe", "production");
    const inProduction = await submit("write_file", { path: at("production/site.json"), content }, live);
    expect(inProduction).toMatchObject({ state: "refused", refusal: "policy", environment: "production" });
    expect(inProduction.sentence).toContain("tier-2-outside-production");
    const scribe = await plane.agent("scribe");
    const written = await submit("write_file", { path: at("sandbox/pages/new.md"), content }, scribe);
    expect(written).toMatchObject({ state: "done", observed: "deny" });
  });

  it("says so with each call that would have been refused, and tells people", async () => {
    const args = { paths: [at("sandbox/pages/welcome.md")] };
    const read = await submit("read_multiple_files", args);
    expect(read).toMatchObject({ state: "done", observed: "deny" });
    expect(read.sentence).toMatch(
      /^it ran once\. It passed because workflow `repo-survey` is only observed until 2027-01-31\. It would have been refused: no rule of workflow `repo-survey` allows/,
    );
    const allowed = await submit("read_text_file", { path: at("sandbox/pages/welcome.md") });
    expect(allowed).toMatchObject({ state: "done", sentence: "it ran once" });
    expect(allowed).not.toHaveProperty("observed");
    const shown = await cli.run(["actions", "submit", "files.read_multiple_files", "--args", JSON.stringify(args)], {
      env: { COUNTERSIGN_KEY: key },
    });
    expect(shown.stdout).toContain("It passed because workflow `repo-survey` is only observed until 2027-01-31.");
    const params = { name: "files__read_multiple_files", arguments: args };
    const headers = { authorization: `Bearer ${key}` };
    const { body } = await modern(plane.url, "/mcp", "tools/call", params, { headers });
    expect(JSON.stringify(body.result._meta)).toContain("It passed because workflow `repo-survey` is only observed");
    const alerts = await observed();
    expect(alerts.map(({ subject }) => subject).sort()).toEqual(["docs-upkeep", "repo-survey"]);
    expect(alerts[0]?.sentence).toMatch(
      /^calls of [a-z-]+ pass that would have been refused, because .*; the first is act_/,
    );
    // It stands for as long as the workflow is observed.
    await raiseAlerts(plane.running.control, fine, new Map());
    expect(await observed()).toHaveLength(2);
  });

  it("is told where its agents, their keys and its rules are shown", async () => {
    const listed = await cli.run(["agent", "list"]);
    expect(listed.stdout).toMatch(/coder .*only observed until 2027-01-31/);
    const issued = await cli.run(["agent", "key", "issue", "coder", "--environment", "production"]);
    expect(issued.stderr).toContain("its workflow is only observed until 2027-01-31");
    const show = await cli.run(["workflow", "show", "repo-survey"]);
    expect(show.stdout).toMatch(/only observed until 2027-01-31: .* but for executions\n/);
    const other = await cli.run(["workflow", "show", "docs-upkeep"]);
    expect(other.stdout).toMatch(/only observed until 2027-02-28: .* but for executions in production\n/);
    expect(other.stdout).toContain("`logging.redact`: this version writes it down and does not enforce it");
    const road = await cli.run(["workflow", "rules", "docs-upkeep"]);
    expect(road.stdout).toContain(
      "Its records hold everything, without `personal` (written there, not enforced yet), and are kept for 400d. It may cost 2 USD a run and 50 USD a day (written there, not enforced yet), and people are told at 80% of a day's calls.",
    );
    expect(road.stdout).toContain("practised every 30d (written there, not enforced yet)");
    expect(road.stdout).toContain("All this is only observed until 2027-02-28, but for executions in production");
  });
});

const fine = { leading: true, size: 0, alarm: null, anchors: [] };
