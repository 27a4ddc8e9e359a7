import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, until } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

async function stateOf(id: string): Promise<string> {
  const { json } = await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe });
  return json.state;
}

const becomes = (id: string, state: string) => until(async () => ((await stateOf(id)) === state ? true : undefined));

it("a request is approved by keyboard alone, and only after it could be read", async () => {
  const id = await stage.held("by-keys.md");
  const { page, faults, open } = await stage.logIn(bo);
  await open("/inbox");
  await page.waitForSelector(`#row-${id}`);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
  // Pressed the moment it appears, the key does nothing: the buttons are not armed yet.
  await page.keyboard.press("j");
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.keyboard.press("a");
  await page.waitForSelector("text=Take it back");
  await page.keyboard.press("u");
  expect(await page.locator("text=Take it back").count()).toBe(0);
  expect(await stateOf(id)).toBe("held");
  await page.keyboard.press("a");
  await page.click("text=Send now");
  await becomes(id, "done");
  await page.waitForSelector("text=This request waits no more", { timeout: 10_000 });
  expect(faults.filter((one) => !one.includes("404"))).toEqual([]);
});

it("nothing is approved within 400 ms of another content", async () => {
  await stage.held("arming.md");
  const { page } = await stage.logIn(bo);
  await page.addInitScript(() => {
    const times: { shown?: number; armed?: number } = {};
    Object.assign(globalThis, { times });
    new MutationObserver(() => {
      const button = document.querySelector<HTMLButtonElement>("section.answer .deeds button");
      if (button === null) return;
      times.shown ??= performance.now();
      if (!button.disabled) times.armed ??= performance.now();
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  await page.goto(`${stage.plane.url}/inbox`);
  await page.waitForSelector("section.answer .deeds button:not(:disabled)");
  const times = await page.evaluate(() => (globalThis as unknown as { times: { shown: number; armed: number } }).times);
  expect(times.armed - times.shown).toBeGreaterThanOrEqual(390);
});

it("a request is denied by touch on a phone, and the reason goes back to the agent", async () => {
  const id = await stage.held("by-touch.md");
  const { page, open } = await stage.logIn(bo, { width: 390, touch: true });
  await open("/inbox");
  await page.tap(`#row-${id} a`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  const buttons = await page.locator("section.answer .deeds").first().locator("button").all();
  const boxes = await Promise.all(buttons.map((button) => button.boundingBox()));
  expect(boxes).toHaveLength(3);
  for (const box of boxes) {
    expect(box?.height).toBe(boxes[0]?.height);
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect(Math.abs((box?.width ?? 0) - (boxes[0]?.width ?? 0))).toBeLessThan(1);
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await page.fill("section.answer textarea", "that page belongs to another team");
  await page.tap('section.answer button:has-text("Deny")');
  await page.tap("text=Send now");
  await becomes(id, "refused");
  const { json } = await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe });
  expect(json.sentence).toContain("that page belongs to another team");
});

it("text that would hide, reorder or deceive is shown escaped and is never markup", async () => {
  const claim = `<img src=x onerror="globalThis.owned=1">\u202Egnp.exe\u200B\u001B[31m p\u0430ypal [click](javascript:alert(1))${" ".repeat(3_000)}END`;
  const id = await stage.held("hostile.md", {
    claim,
    content: `<script>globalThis.owned=1</script>\u2066 ${" ".repeat(20_480)}tail`,
  });
  const { page, faults, open } = await stage.logIn(bo);
  await open(`/inbox/${id}`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  for (const summary of await page.locator("article > details > summary").all()) await summary.click();
  const text = (await page.textContent("article")) ?? "";
  for (const shown of ["⟨U+202E⟩", "⟨U+200B⟩", "⟨U+001B⟩", "⟨3000 spaces⟩", "END", "<img src=x"])
    expect(text).toContain(shown);
  // The content's padding is counted in the exact call too, and what it pushes away is there.
  for (const shown of ["⟨U+2066⟩", "⟨20481 spaces⟩", "tail"]) expect(text).toContain(shown);
  expect(await page.locator("article img, article script, article a[href^='javascript']").count()).toBe(0);
  expect(await page.locator('mark[title*="Latin and Cyrillic"]').count()).toBeGreaterThan(0);
  expect(await page.evaluate(() => Object.hasOwn(globalThis, "owned"))).toBe(false);
  // The facts come before the claim.
  expect(text.indexOf("How it is undone")).toBeLessThan(text.indexOf("own words"));
  expect(faults).toEqual([]);
});

it("two browsers race on one approval: one answer counts, the other is told", async () => {
  const id = await stage.held("raced.md");
  const one = await stage.logIn(bo);
  const two = await stage.logIn(ana);
  for (const { page, open } of [one, two]) {
    await open(`/inbox/${id}`);
    await page.waitForSelector("section.answer button:not(:disabled)");
    await page.click('section.answer button:has-text("Approve")');
  }
  await Promise.all([one, two].map(({ page }) => page.click("text=Send now")));
  await becomes(id, "done");
  const receipt = await stage.plane.call("GET", `/v1/receipts/${id}`, { key: await stage.plane.person(ana) });
  expect(receipt.json.what.attempts).toBe(1);
  // Whose answer counted goes on to the next request; the other is told.
  for (const { page } of [one, two])
    await page.waitForFunction(
      (action) =>
        !location.pathname.endsWith(action) ||
        /waits no more|does not count|was not|no longer/.test(document.querySelector("main")?.textContent ?? ""),
      id,
    );
});

it("a session that ends in the middle of an answer approves nothing and loses nothing that was written", async () => {
  const id = await stage.held("session.md");
  const { page, context, open } = await stage.logIn(bo);
  await open(`/inbox/${id}`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.fill("section.answer textarea", "half a thought");
  const cookies = await context.cookies();
  await context.clearCookies();
  await page.click('section.answer button:has-text("Approve")');
  await page.click("text=Send now");
  await page.waitForSelector("text=You are not logged in");
  expect(await stateOf(id)).toBe("held");
  await context.addCookies(cookies);
  await open(`/inbox/${id}`);
  await page.waitForSelector("section.answer textarea");
  expect(await page.inputValue("section.answer textarea")).toBe("half a thought");
});

it("no address of the console answers a request by being looked at", async () => {
  const id = await stage.held("looked-at.md");
  const { context } = await stage.logIn(bo);
  for (const path of [
    `/inbox/${id}`,
    `/v1/approvals/${id}`,
    `/v1/approvals/${id}/answer?verdict=approve`,
    `/approvals/${id}?verdict=approve`,
  ])
    await context.request.get(`${stage.plane.url}${path}`);
  expect(await stateOf(id)).toBe("held");
  const forged = await context.request.post(`${stage.plane.url}/v1/approvals/${id}/answer`, {
    data: { verdict: "approve", callDigest: `sha256:${"0".repeat(64)}`, shownDigest: `sha256:${"0".repeat(64)}` },
  });
  expect(forged.status()).toBe(403);
  const framed = await context.request.get(`${stage.plane.url}/inbox`);
  expect(framed.headers()["content-security-policy"]).toContain("frame-ancestors 'none'");
});

it("a new request shows without the list being moved", async () => {
  const first = await stage.held("stays.md");
  const { page, open } = await stage.logIn(bo);
  await open(`/inbox/${first}`);
  await page.waitForSelector(`#row-${first}`);
  const before = await page.locator(`#row-${first}`).boundingBox();
  const came = await stage.held("comes.md");
  await page.waitForSelector(`#row-${came}`);
  expect(await page.textContent(`#row-${came}`)).toContain("new");
  const rows = await page.locator("ul.rows > li").evaluateAll((all) => all.map((one) => one.id));
  expect(rows.at(-1)).toBe(`row-${came}`);
  const after = await page.locator(`#row-${first}`).boundingBox();
  // What is told above the list has its place already.
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(1);
});
