import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo } from "../support/plane.ts";
import { type Acted, actOn } from "./acted.ts";
import { type ConsoleStage, openConsole, type Visit } from "./open-console.ts";

let stage: ConsoleStage;
let acted: Acted;
let again: string;
beforeAll(async () => {
  stage = await openConsole();
  acted = await actOn(stage);
  again = await acted.open("the same again");
  await acted.call("read_text_file", { path: acted.path("welcome.md") }, again);
  await acted.call("list_directory", { path: acted.path(".") }, again);
});
afterAll(() => stage?.close());

const rows = ({ page }: Visit) => page.locator("ul.walk a.row").evaluateAll((all) => all.map((one) => one.id));

it("runs and actions are searched by typed filters that stand in the address, and a misspelled one is named", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open("/runs");
  await page.waitForSelector("ul.walk a.row");
  expect(await rows(visit)).toEqual([`row-${again}`, `row-${acted.run}`]);
  await page.fill("main input[name=q]", "agnt:scribe");
  await page.keyboard.press("Enter");
  expect(await page.textContent("#search-help")).toContain("There is no filter agnt. Did you mean agent:?");
  expect(await page.locator("ul.walk").count()).toBe(0);
  await page.click("nav.tabs >> text=Actions");
  await page.fill("main input[name=q]", "state:refused agent:scribe");
  await page.keyboard.press("Enter");
  await page.waitForFunction(
    (id) => document.querySelectorAll("ul.walk a.row").length === 1 && document.getElementById(id) !== null,
    `row-${acted.refused}`,
  );
  expect(new URL(page.url()).searchParams.get("q")).toBe("state:refused agent:scribe");
  await page.fill("main input[name=q]", "target:welcome.md state:denied");
  await page.keyboard.press("Enter");
  expect(await page.textContent("#search-help")).toContain("Did you mean state:refused?");
  await page.fill("main input[name=q]", "state:refused since:2020-01-01");
  await page.keyboard.press("Enter");
  await page.waitForSelector(`#row-${acted.refused}`);
  await page.fill("main input[name=q]", "until:2020-01-01");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=No action fits.");
  await page.click("nav.tabs >> text=Runs");
  await page.waitForSelector("text=No run fits.");
  // Words are looked up, and what is found is narrowed by the filters.
  await visit.open(`/runs?of=actions&q=${encodeURIComponent("OPS-4711 tool:files.write_file")}`);
  await page.waitForSelector("ul.walk a.row");
  expect(await rows(visit)).toEqual([`row-${acted.written}`]);
  expect(visit.faults).toEqual([]);
});

it("j and k walk the list while the detail follows; Enter opens; news never move a row under the cursor", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open("/runs?of=actions");
  await page.waitForSelector("ul.walk a.row");
  const before = await rows(visit);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.waitForSelector(`#${before[1]}[aria-current]`);
  await page.waitForSelector(".detail >> text=Open the receipt");
  const { id } = await acted.call("read_text_file", { path: acted.path("welcome.md") }, again);
  await page.waitForSelector(".new button:has-text('1 new')");
  expect(await rows(visit)).toEqual(before);
  await page.click(".new button");
  await page.waitForSelector(`#row-${id}`);
  expect((await rows(visit))[0]).toBe(`row-${id}`);
  await page.keyboard.press("k");
  await page.focus(`#${before[1]}`);
  await page.keyboard.press("j");
  const chosen = new URL(page.url()).searchParams.get("peek");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/actions/${chosen}`);
  expect(visit.faults).toEqual([]);
});

it("thousands of rows are scrolled through with few of them drawn", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await page.route("**/v1/actions?*", async (route) => {
    const answer = await route.fetch();
    const { actions } = await answer.json();
    const id = (at: number) => `act_${String(at).padStart(26, "0")}`;
    const many = Array.from({ length: 5_000 }, (_, at) => ({ ...actions[0], id: id(5_000 - at) }));
    await route.fulfill({ response: answer, json: { actions: many } });
  });
  await visit.open("/runs?of=actions");
  await page.waitForSelector("ul.walk a.row");
  expect(await page.locator("ul.walk a.row").count()).toBeLessThan(100);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
  await page.waitForFunction(() => document.querySelector("ul.walk li[aria-posinset='2500']") !== null);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.waitForSelector(`#row-act_${"1".padStart(26, "0")}`);
  expect(await page.locator("ul.walk a.row").count()).toBeLessThan(100);
});

it("a view is kept by name in this browser, opens as it was, and can be forgotten", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open("/runs?of=actions&q=state:refused");
  await page.click("text=Keep this view");
  await page.fill("input[name=name]", "what was refused");
  await page.keyboard.press("Enter");
  await visit.open("/runs");
  await page.click("a:has-text('what was refused')");
  await page.waitForSelector(`#row-${acted.refused}`);
  await page.click("button[aria-label='Forget the view what was refused']");
  expect(await page.locator("a:has-text('what was refused')").count()).toBe(0);
});

it("exactly what is shown is saved, as CSV and as JSON lines", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open("/runs?of=actions&q=agent:scribe");
  await page.waitForSelector("ul.walk a.row");
  const shown = (await rows(visit)).map((id) => id.replace("row-", ""));
  const save = async (label: string): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`text=${label}`)]);
    return readFileSync(await download.path(), "utf8");
  };
  const csv = (await save("Save as CSV")).trimEnd().split("\r\n");
  expect(csv[0]).toBe("action,state,at,agent,workflow,tool,target,run");
  expect(csv.slice(1).map((line) => line.split(",")[0])).toEqual(shown);
  const lines = (await save("Save as JSONL"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ action }) => action)).toEqual(shown);
  for (const { at } of lines) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

it("MT-50 a run tells what went wrong before how much is done, and who did what in lanes with a table beside", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open(`/runs/${acted.run}`);
  await page.waitForSelector(".timeline li");
  expect(await page.locator("main .counts").first().textContent()).toMatch(/^⊘ refused 1\s*● done 2/);
  expect(await page.textContent("main")).toContain("bring the welcome page up to date");
  const said = (await page.locator(".timeline li a").allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " "));
  expect(said).toContain("bo@acme.example approved it");
  expect(said.some((text) => text.startsWith("the gate held it: an approval from group"))).toBe(true);
  expect(await page.locator(".timeline svg .mark").count()).toBe(said.length);
  expect(await page.textContent("p.cost")).toMatch(
    /^Cost: 2 calls sent, \d+ (ms|s) at the systems called, no amount of money named in them\. What the agent's model took, in tokens or money, is not known here\./,
  );
  await page.click("summary:has-text('As a table')");
  const costs = (await page.locator("main table tbody td:nth-child(5)").allInnerTexts()).filter((cost) => cost !== "");
  expect(costs).toHaveLength(2);
  for (const cost of costs) expect(cost).toMatch(/^1 call, \d+ (ms|s)$/);
  expect(await page.locator("main table tbody tr").count()).toBe(said.length);
  // It is live.
  await acted.call("list_directory", { path: acted.path(".") }, acted.run);
  await page.waitForFunction((count) => document.querySelectorAll(".timeline li").length > count, said.length);
  expect(visit.faults).toEqual([]);
});

it("two runs stand beside each other, and what differs is marked", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open(`/runs/${acted.run}`);
  await page.selectOption("select", again);
  await page.waitForSelector("table.compare tbody tr");
  const lines = await page.locator("table.compare tbody tr").evaluateAll((all) => all.map((one) => one.className));
  expect(lines[0]).toBe("same");
  expect(lines).toContain("left");
  expect(page.url()).toContain(`with=${again}`);
  expect(await page.textContent("main")).toContain("lines differ in tool, target, arguments or how they ended");
});

it("two runs that wrote something else to the same place did not do the same", async () => {
  const runs: string[] = [];
  for (const content of ["one thing\n", "one thing\n", "another thing\n"]) {
    const run = await acted.open("write it");
    const { id } = await acted.call("write_file", { path: acted.path("compared.md"), content }, run);
    await acted.answer(id, bo);
    runs.push(run);
  }
  const [first, like, other] = runs;
  const { page, open } = await stage.logIn(ana);
  await open(`/runs/${first}?with=${other}`);
  await page.getByText("1 of 1 lines differ in tool, target, arguments or how they ended.").waitFor();
  expect(await page.locator("table.compare tbody tr.arguments td:nth-child(2)").textContent()).toContain(
    "other arguments",
  );
  await open(`/runs/${first}?with=${like}`);
  await page.getByText("Both made the same 1 call: the same tool, target and arguments").waitFor();
});

it("the evidence of a run is one file: the trust, and each action's receipt and bundle", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open(`/runs/${again}`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("text=Save the evidence of this run"),
  ]);
  const lines = readFileSync(await download.path(), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines[0].trust.origin).toMatch(/countersign$/);
  expect(lines.length).toBeGreaterThan(2);
  for (const { action, receipt, bundle } of lines.slice(1)) {
    expect(receipt.id).toBe(action);
    expect(JSON.parse(bundle).payloadType).toBe("application/vnd.in-toto+json");
  }
});
