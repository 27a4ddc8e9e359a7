import { afterAll, beforeAll, it } from "vitest";
import { ana, bo, cy, until } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => { stage = await openConsole(); });
afterAll(() => stage?.close());

it("look", async () => {
  const { plane, scribe } = stage;
  const anaKey = await plane.person(ana);
  const boKey = await plane.person(bo);
  const run = (await plane.call("POST", "/v1/runs", { key: anaKey, body: { agent: "scribe", task: "Update the welcome page for OPS-4711", plan: [{ tool: "files.read_text_file" }, { tool: "files.write_file" }] } })).json.id;
  const run2 = (await plane.call("POST", "/v1/runs", { key: anaKey, body: { agent: "scribe", task: "Again" } })).json.id;
  const act = async (tool: string, args: object, inRun: string) => (await plane.call("POST", "/v1/actions", { key: scribe, body: { server: "files", tool, arguments: args, run: inRun, claim: "because the ticket says so" } })).json;
  const f = (n: string) => `${plane.folder}/sandbox/${n}`;
  const read = await act("read_text_file", { path: f("pages/welcome.md") }, run);
  console.log(read);
  const w = await act("write_file", { path: f("pages/OPS-4711.md"), content: "A page.\n" }, run);
  console.log(w);
  await act("move_file", { source: f("pages/welcome.md"), destination: f("x.md") }, run);
  await act("read_text_file", { path: f("pages/none.md") }, run);
  await act("read_text_file", { path: f("pages/welcome.md") }, run2);
  await act("list_directory", { path: f("pages") }, run2);
  const shown = (await plane.call("GET", `/v1/approvals/${w.id}`, { key: boKey })).json;
  const ans = await plane.call("POST", `/v1/approvals/${w.id}/answer`, { key: boKey, body: { verdict: "approve", callDigest: shown.callDigest, shownDigest: shown.shownDigest, reason: "the page is right" } });
  console.log(ans.status, ans.text.slice(0, 300));
  await until(async () => ((await plane.call("GET", `/v1/actions/${w.id}`, { key: boKey })).json.state === "done" ? true : undefined));
  const held = await act("write_file", { path: f("pages/b\u202Egnp.md"), content: "B page.\n" }, run);
  for (const [who, look, tag] of [[ana, {}, "l"], [bo, { dark: true, width: 390 }, "dm"]] as const) {
    const v = await stage.logIn(who, look);
    const shot = async (path: string, name: string, wait = 700, pre?: () => Promise<void>) => {
      await v.open(path);
      await v.page.waitForTimeout(wait);
      await pre?.();
      await v.page.screenshot({ path: `/tmp/shots-runs/${name}-${tag}.png`, fullPage: true });
    };
    await shot("/runs", "runs");
    await shot(`/runs?peek=${run}`, "runs-peek");
    await shot(`/runs?of=actions&q=agent:scribe&peek=${held.id}`, "actions-peek");
    await shot(`/runs?q=agnt:x`, "runs-trouble");
    await shot(`/runs/${run}`, "run");
    await shot(`/runs/${run}?with=${run2}`, "compare");
    await shot(`/actions/${w.id}`, "receipt", 2500);
    await shot(`/actions/${w.id}`, "receipt-open", 2500, async () => { for (const d of await v.page.locator("article details").all()) await d.evaluate((el) => { (el as HTMLDetailsElement).open = true; }); await v.page.waitForTimeout(500); });
    await shot(`/find?q=welcome`, "find");
    await shot(`/find`, "find-empty");
    await shot(`/find?q=zzzznothing`, "find-none");
    await shot(`/ledger`, "ledger", 1500);
    console.log(tag, v.faults);
  }
  void cy;
});
