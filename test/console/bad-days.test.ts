import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, until } from "../support/plane.ts";
import { holdReadings } from "./hold-readings.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

async function stateOf(id: string): Promise<string> {
  return (await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe })).json.state;
}

async function shown(email: string, id: string) {
  const visit = await stage.logIn(email);
  await visit.open(`/inbox/${id}`);
  await visit.page.waitForSelector("section.answer button:not(:disabled)");
  return visit;
}

it("an answer that cannot reach the server is not said to be given or not, is looked up, and can be given again", async () => {
  const id = await stage.held("offline.md");
  const { page, context } = await shown(bo, id);
  await context.setOffline(true);
  await page.click('section.answer button:has-text("Approve")');
  await page.click("text=Send now");
  await page.waitForSelector(".answer .trouble");
  expect(await page.textContent(".answer .trouble")).toMatch(/server does not answer.*not known whether this arrived/i);
  expect(await stateOf(id)).toBe("held");
  await context.setOffline(false);
  await page.waitForSelector(".outcome >> text=/is recorded so far. It waits still/");
  await page.click('section.answer button:has-text("Approve")');
  await page.click("text=Send now");
  await until(async () => ((await stateOf(id)) === "done" ? true : undefined));
});

it("where a proxy keeps the events back, what is new still shows, and the line says so", async () => {
  const { page, open } = await stage.logIn(bo);
  await page.route("**/v1/stream", (route) => route.abort());
  await open("/inbox");
  await page.waitForSelector("text=no live line");
  const id = await stage.held("without-events.md");
  await page.waitForSelector(`#row-${id}`);
});

it("a tab that is stale is told that the request ended, and cannot answer it", async () => {
  const id = await stage.held("stale.md");
  const { page } = await shown(bo, id);
  // The tab comes to know of nothing any more.
  const readings = await holdReadings(page, `**/v1/approvals/${id}`);
  const key = await stage.plane.person(ana);
  const { json } = await stage.plane.call("GET", `/v1/approvals/${id}`, { key });
  const { callDigest, shownDigest } = json;
  const body = { verdict: "deny", reason: "not today", callDigest, shownDigest };
  await stage.plane.call("POST", `/v1/approvals/${id}/answer`, { key, body });
  await page.click('section.answer button:has-text("Approve")');
  await page.click("text=Send now");
  await page.waitForSelector(".outcome >> text=/was not given/");
  readings.release();
  await page.waitForSelector("text=This request waits no more");
  expect(await stateOf(id)).toBe("refused");
});

it("a person who is not asked sees why, and has no button to answer with", async () => {
  const id = await stage.held("not-asked.md");
  const { page, open } = await stage.logIn("cy@acme.example");
  await open(`/inbox/${id}`);
  await page.waitForSelector("p.answer");
  expect(await page.textContent("p.answer")).toMatch(/others were asked/i);
  expect(await page.locator("section.answer").count()).toBe(0);
});

it("an argument of half a megabyte is shown in parts, to its last byte, and blocks nothing", async () => {
  const id = await stage.held("large.md", { content: `${"0123456789abcdef\n".repeat(30_000)}the very end` });
  const { page } = await shown(bo, id);
  // Of a new file there is no difference to look at, so the call stands open.
  await page.waitForSelector("text=/more characters of/");
  while ((await page.locator("text=Show more").count()) > 0) await page.click("text=Show more");
  expect(await page.textContent("section.raw")).toContain("the very end");
});

it("a request that lapses while it is open says so, keeps no way to answer it, and an answer to it approves nothing", async () => {
  const id = await stage.held("lapses.md");
  const { page, open, faults } = await shown(bo, id);
  await page.fill("section.answer textarea", "half a thought");
  const stale = await shown(ana, id);
  // This tab comes to know of nothing any more.
  const readings = await holdReadings(stale.page, `**/v1/approvals/${id}`);
  const text = "update open_action set expires_at = clock_timestamp() where id = $1";
  await stage.plane.database.owner.query(text, [id]);
  await page.waitForSelector("text=This request waits no more");
  expect(await page.locator("section.answer").count()).toBe(0);
  await page.click("text=How it ended");
  await page.waitForURL(`**/actions/${id}`);
  await page.waitForSelector("text=nobody answered in time, so it is refused");
  await stale.page.click('section.answer button:has-text("Approve")');
  await stale.page.click("text=Send now");
  await stale.page.waitForSelector(".outcome >> text=/was not given/");
  readings.release();
  await stale.page.waitForSelector("text=This request waits no more");
  const { json } = await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe });
  expect(json).toMatchObject({ state: "refused", refusal: "lapsed" });
  // The list is there once one is that waits still.
  const waiting = await stage.held("waits-still.md");
  await open("/inbox");
  await page.waitForSelector(`#row-${waiting}`);
  expect(await page.locator(`#row-${id}`).count()).toBe(0);
  expect(faults.filter((one) => !one.includes("404"))).toEqual([]);
});

it("a call whose argument has five megabytes is refused with what to do, and nothing of it waits for anybody", async () => {
  const { page, open } = await stage.logIn(bo);
  await open("/inbox");
  await page.waitForSelector("ul.rows");
  const rows = () => page.locator("ul.rows > li[id]").evaluateAll((all) => all.map((one) => one.id));
  const before = await rows();
  const body = { server: "files", tool: "write_file", arguments: { path: "x.md", content: "x".repeat(5_000_000) } };
  const { status, json } = await stage.plane.call("POST", "/v1/actions", { key: stage.scribe, body });
  expect(status).toBe(413);
  expect(json).toMatchObject({ code: "too_large", detail: "the body is larger than this address takes" });
  expect(json.help).toBe(
    "nothing was asked for; a call takes 1,048,576 bytes: split it, or let the tool read what is large",
  );
  // What comes after it is there, and it is not.
  const next = await stage.held("after-large.md");
  await page.waitForSelector(`#row-${next}`);
  expect((await rows()).filter((id) => !before.includes(id))).toEqual([`row-${next}`]);
});

it("a server that stops and starts again loses neither the session, the draft nor the request, and is told of", async () => {
  const id = await stage.held("restarted.md");
  const { page } = await shown(bo, id);
  await page.fill("section.answer textarea", "a long thought");
  await stage.plane.startAgain(async () => {
    await page.click('section.answer button:has-text("Approve")');
    await page.click("text=Send now");
    await page.waitForSelector(".answer .trouble");
    expect(await page.textContent(".answer .trouble")).toMatch(
      /server does not answer.*not known whether this arrived/i,
    );
    expect(await page.inputValue("section.answer textarea")).toBe("a long thought");
  });
  expect(await stateOf(id)).toBe("held");
  await page.waitForSelector(".outcome >> text=/is recorded so far. It waits still/");
  expect(await page.inputValue("section.answer textarea")).toBe("a long thought");
  await page.click('section.answer button:has-text("Approve"):not([disabled])');
  await page.click("text=Send now");
  await until(async () => ((await stateOf(id)) === "done" ? true : undefined));
  // The line is there again: what is new shows by itself.
  const next = await stage.held("after-restart.md");
  await page.waitForSelector(`#row-${next}`);
});
