import type { Route } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, cy } from "../support/plane.ts";
import { type Acted, actOn } from "./acted.ts";
import { type ConsoleStage, openConsole, type Visit } from "./open-console.ts";

let stage: ConsoleStage;
let acted: Acted;
beforeAll(async () => {
  stage = await openConsole();
  acted = await actOn(stage);
});
afterAll(() => stage?.close());

const verdictOf = async ({ page }: Visit): Promise<string> => {
  await page.waitForSelector(".verdict .stamp");
  return (await page.locator(".verdict").textContent()) ?? "";
};

it("the receipt answers the six questions, shows its evidence, and verifies in the browser", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open(`/actions/${acted.written}`);
  expect(await verdictOf(visit)).toMatch(/^Sealed in checkpoint [\d,]+, verified in your browser/);
  expect(await page.locator(".question h2").allInnerTexts()).toEqual([
    "1 What did the agent do?",
    "2 What data did it touch?",
    "3 Which policy allowed it?",
    "4 What checks ran?",
    "5 Who approved it?",
    "6 How do you reverse it?",
    "Whose hands it went through",
  ]);
  await page.waitForSelector(".conditions .chain li.held-true", { state: "attached" });
  for (const details of await page.locator(".question > details").all()) await details.locator("> summary").click();
  expect(await page.locator(".receipt").textContent()).toContain("Welcome, OPS-4711.");
  // The reason of the decision: the conditions that held, and of other policies the first that did not.
  expect(await page.locator(".chain li.held-true").count()).toBeGreaterThan(1);
  expect(await page.locator(".chain li.held-false").count()).toBe(0);
  expect(await page.textContent(".conditions")).toContain("other policies about this tool did not hold");
  expect(visit.faults).toEqual([]);
});

it("a refused action shows openly which condition held or did not", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open(`/actions/${acted.refused}`);
  await page.waitForSelector(".conditions .chain li");
  expect(await page.locator(".question", { hasText: "Which policy" }).textContent()).toContain("Denied");
  expect(await page.locator(".conditions .chain").first().textContent()).toContain("files.move_file");
});

it("a bundle that was changed on its way does not verify, and neither does a page that says something else", async () => {
  const visit = await stage.logIn(bo);
  const { page } = visit;
  const bundles = `**/v1/receipts/${acted.written}/bundle*`;
  await page.route(bundles, async (route) => {
    const answer = await route.fetch();
    const envelope = JSON.parse(await answer.text());
    const payload = Buffer.from(envelope.payload, "base64").toString().replaceAll("scribe", "coderr");
    await route.fulfill({
      response: answer,
      body: JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString("base64") }),
    });
  });
  await visit.open(`/actions/${acted.written}`);
  expect(await verdictOf(visit)).toContain("This receipt does not verify.");
  expect(await verdictOf(visit)).toContain("The bundle's signature does not hold.");
  await page.unroute(bundles);
  // A true bundle beside a receipt that lies.
  await page.route(`**/v1/receipts/${acted.written}`, async (route) => {
    const answer = await route.fetch();
    const receipt = await answer.json();
    await route.fulfill({ response: answer, json: { ...receipt, what: { ...receipt.what, agent: "coder" } } });
  });
  await visit.open(`/actions/${acted.written}`);
  expect(await verdictOf(visit)).toContain("The page says something else than the ledger of its agent.");
  // Another action's bundle, whole and true.
  await page.unroute(`**/v1/receipts/${acted.written}`);
  await page.route(bundles, async (route) =>
    route.fulfill({ response: await route.fetch({ url: `${stage.plane.url}/v1/receipts/${acted.read}/bundle` }) }),
  );
  await visit.open(`/actions/${acted.written}`);
  expect(await verdictOf(visit)).toContain("The bundle is about something else than this page.");
});

it("a receipt that is read anew is verified anew: what held before says nothing of it", async () => {
  const visit = await stage.logIn(bo);
  const { page } = visit;
  const moved = async (route: Route): Promise<void> => {
    await page.waitForSelector(".verdict .stamp.allowed");
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), state: "running" } });
  };
  await page.route(`**/v1/actions/${acted.written}`, moved, { times: 1 });
  let readings = 0;
  await page.route(`**/v1/receipts/${acted.written}`, async (route) => {
    const answer = await route.fetch();
    const receipt = await answer.json();
    readings++;
    if (readings > 1) Object.assign(receipt.what.args, { content: "Another page." });
    await route.fulfill({ response: answer, json: receipt });
  });
  await visit.open(`/actions/${acted.written}`);
  await page.waitForSelector(".verdict .stamp.failed");
  expect(await verdictOf(visit)).toContain("The page says something else than the ledger of its arguments.");
  expect(readings).toBe(2);
});

it("the page of a deed of people is compared with what was recorded of it", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  const { plane } = stage;
  const body = { scope: "agent", name: "coder", reason: "it reads too much", forMs: 60_000 };
  const { json } = await plane.call("POST", "/v1/stops", { key: await plane.person(ana), body });
  const deed = json.stop.id;
  await visit.open(`/actions/${deed}`);
  expect(await verdictOf(visit)).toContain("verified in your browser");
  await page.route(`**/v1/receipts/${deed}`, async (route) => {
    const answer = await route.fetch();
    const receipt = await answer.json();
    receipt.payload.stop.reason = "it does not";
    await route.fulfill({ response: answer, json: { ...receipt, person: bo } });
  });
  await visit.open(`/actions/${deed}`);
  const said = await verdictOf(visit);
  for (const member of ["person", "payload"])
    expect(said).toContain(`The page says something else than the ledger of its ${member}.`);
});

it("MT-196 the chain of custody names every hand: who rules, who opened the run, the agent, who approved, what executed, who reversed", async () => {
  const visit = await stage.logIn(bo);
  const { page } = visit;
  await visit.open(`/actions/${acted.written}`);
  await page.click("text=Reverse it …");
  await page.click("dialog summary");
  expect(await page.textContent("dialog")).toContain("This page is kept by an agent");
  await page.fill("dialog textarea", "it was the wrong page");
  await page.click("dialog button[type=submit]");
  // Done, it closes, and what came of it is told beside the way to it.
  await page.waitForSelector(".outcome >> text=The undo is an action of its own");
  expect(await page.locator("dialog[open]").count()).toBe(0);
  const undo = (await page.getAttribute('.outcome a:has-text("Open the undo")', "href"))?.split("/").at(-1) ?? "";
  await acted.answer(undo, ana);
  await visit.open(`/actions/${acted.written}`);
  await page.waitForSelector(".custody >> text=had it undone");
  await verdictOf(visit);
  const hands = async () =>
    (await page.locator(".custody li").allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " "));
  const complete: readonly RegExp[] = [
    /ana@acme\.example person answers for the workflow/,
    /ana@acme\.example person owns the agent/,
    /the plane plane put the rules in force/,
    /ana@acme\.example person opened its run and gave the task/,
    /scribe agent asked for it/,
    /bo@acme\.example person approved it as a member of editors/,
    /the plane plane let it through and sent it once, its process wrt_/,
    /filesystem system carried it out/,
    /bo@acme\.example person had it undone/,
    /ana@acme\.example person approved it .*, the undo/,
  ];
  // Who opened the run, whose process it was and who approved the undo is read beside the receipt itself.
  for (const hand of complete)
    await expect
      .poll(async () => (await hands()).filter((one) => hand.test(one)), { message: String(hand) })
      .toHaveLength(1);
  await page.waitForSelector("header .state.reversed");
  expect(visit.faults).toEqual([]);
});

it("what is held can be cancelled with a reason, and nothing is done by looking", async () => {
  const { id } = await acted.call("write_file", { path: acted.path("later.md"), content: "later\n" }, acted.run);
  const visit = await stage.logIn(bo);
  const { page } = visit;
  const changing: string[] = [];
  page.on("request", (request) => {
    if (request.method() !== "GET") changing.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  await visit.open(`/actions/${id}`);
  await page.click("text=Cancel it …");
  await page.click("text=Not now");
  expect(changing).toEqual([]);
  await page.click("text=Cancel it …");
  await page.fill("dialog textarea", "not today");
  await page.click("dialog button[type=submit]");
  await page.waitForSelector(".outcome >> text=You asked to cancel files.write_file");
  expect(changing).toEqual([`POST /v1/actions/${id}/cancel`]);
  expect(await page.locator("dialog[open]").count()).toBe(0);
  await page.waitForSelector("header .state.refused");
  expect(await page.locator(".custody").textContent()).toContain("cancelled it");
});

it("the receipt prints on one page, and can be read without a script", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open(`/actions/${acted.written}`);
  await verdictOf(visit);
  const pages = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b/g);
  expect(pages).toHaveLength(1);
  const href = await page.getAttribute("text=The receipt without a script", "href");
  const { cookies } = await visit.context.storageState();
  const plain = await stage.browser.newContext({ javaScriptEnabled: false });
  await plain.addCookies(cookies);
  const bare = await plain.newPage();
  await bare.goto(`${stage.plane.url}${href}`);
  expect(await bare.textContent("h1")).toBe(`Receipt of ${acted.written}`);
  await plain.close();
});

it("an auditor sees who has read a receipt, and the receipt of a deed of people verifies as well", async () => {
  const visit = await stage.logIn(cy);
  const { page } = visit;
  await visit.open(`/actions/${acted.written}`);
  expect(await page.locator("text=Reverse it …").count()).toBe(0);
  await page.click("summary:has-text('Who has read this receipt')");
  await page.waitForSelector("li:has-text('ana@acme.example, as json')");
  await page.click(".custody >> text=put the rules in force");
  await page.waitForURL("**/actions/gov_*");
  await page.waitForSelector("h1:has-text('Receipt of a deed')");
  expect(await verdictOf(visit)).toContain("verified in your browser");
  expect(visit.faults).toEqual([]);
});

it("answering is offered to whom it was asked of; others are told that it waits for others, and nobody is shown anything by that", async () => {
  const { id } = await acted.call("write_file", { path: acted.path("asks.md"), content: "asks\n" }, acted.run);
  const asked = await stage.logIn(bo);
  await asked.open(`/actions/${id}`);
  await asked.page.waitForSelector("a.button:has-text('Answer it')");
  const other = await stage.logIn(cy);
  await other.open(`/actions/${id}`);
  await other.page.waitForSelector("text=It waits for others to answer.");
  expect(await other.page.locator("text=Answer it").count()).toBe(0);
  const shown = await stage.plane.database.db.query("select 1 from approval_shown where action = $1", [id]);
  expect(shown.rowCount).toBe(0);
  const stop = { scope: "agent", name: "scribe", reason: "to see" };
  const key = await stage.plane.person(ana);
  const { json } = await stage.plane.call("POST", "/v1/stops", { key, body: stop });
  await asked.page.waitForSelector("text=It is frozen by a stop");
  const lift = { key: await stage.plane.person(bo), body: { reason: "seen" } };
  await stage.plane.call("POST", `/v1/stops/${json.stop.id}/lift`, lift);
  await asked.page.click("a.button:has-text('Answer it')");
  await asked.page.waitForSelector("section.answer");
  for (const { faults } of [asked, other]) expect(faults).toEqual([]);
});
