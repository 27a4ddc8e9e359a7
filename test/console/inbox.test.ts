import { afterAll, beforeAll, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
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
  await page.waitForSelector("text=This request waits no more");
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

it("a page that the inbox does not have says so, and its own pages do not", async () => {
  const { page, faults, open } = await stage.logIn(bo);
  await open("/inbox/bogus");
  await page.waitForSelector("text=There is no page bogus in the inbox");
  await page.click("text=All that waits");
  await page.waitForURL("**/inbox");
  for (const own of ["/inbox", "/inbox/grants", "/inbox/answers"]) {
    await open(own);
    await page.waitForSelector("nav[aria-label='Views of the inbox'] [aria-current=page]");
    expect(await page.locator("text=There is no page").count(), own).toBe(0);
  }
  // The browser's own word about the status of the first.
  expect(faults).toEqual([expect.stringContaining("404")]);
});

it("two browsers race on one approval: one answer counts, the other is told", async () => {
  const id = await stage.held("raced.md");
  const one = await stage.logIn(bo);
  const two = await stage.logIn(ana);
  // Neither answer is on its way before the other one is as well.
  const free = Promise.withResolvers<void>();
  let sent = 0;
  for (const { page, open } of [one, two]) {
    await page.route(`**/v1/approvals/${id}/answer`, async (route) => {
      sent += 1;
      if (sent === 2) free.resolve();
      await free.promise;
      await route.continue();
    });
    await open(`/inbox/${id}`);
    await page.waitForSelector("section.answer button:not(:disabled)");
  }
  for (const { page } of [one, two]) {
    await page.click('section.answer button:has-text("Approve")');
    await page.click("text=Send now");
  }
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

it("a login in the same tab leads back to where the session ended, with what was written in a dialog", async () => {
  const id = await stage.held("session-dialog.md");
  const { page, context, open } = await stage.logIn(bo);
  await open(`/inbox/${id}?order=time`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.click('section.answer button:has-text("Ask back")');
  await page.fill("dialog[open] textarea", "half a question");
  await context.clearCookies();
  await page.click('dialog[open] button:has-text("Ask")');
  await page.waitForSelector("dialog[open] .trouble");
  await page.reload();
  await page.waitForSelector("text=You are not logged in");
  // The way in is a page, whatever the address was.
  await page.click("a.button");
  await page.waitForSelector("h1:has-text('Log in')");
  const again = async (email: string) => {
    const link = (await invite(stage.plane.running.control, "countersign", email)).shownOnce.reveal();
    await page.goto(`${stage.plane.url}/login?link=${link}`);
    await page.click("button");
  };
  await again(bo);
  await page.waitForURL(`${stage.plane.url}/inbox/${id}?order=time`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.click('section.answer button:has-text("Ask back")');
  expect(await page.inputValue("dialog[open] textarea")).toBe("half a question");
  await page.keyboard.press("Escape");
  // Another person in the same tab finds nothing of it.
  await context.clearCookies();
  await again(ana);
  await page.waitForURL(`${stage.plane.url}/`);
  await open(`/inbox/${id}`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.click('section.answer button:has-text("Ask back")');
  expect(await page.inputValue("dialog[open] textarea")).toBe("");
});

it("what was written in dialogs is gone with a log-out", async () => {
  const id = await stage.held("out-dialog.md");
  const { page, context, open } = await stage.logIn(bo);
  const other = await context.newPage();
  await other.goto(`${stage.plane.url}/inbox`);
  await other.click('nav.rail button:has-text("Stop")');
  await other.fill("dialog[open] textarea[name=reason]", "of another tab");
  await open(`/inbox/${id}`);
  await page.click('nav.rail button:has-text("Stop")');
  await page.check('dialog[open] label:has-text("agent") input');
  await page.fill("dialog[open] textarea[name=reason]", "it writes nonsense");
  await page.fill("dialog[open] input[name=agent]", "scribe");
  await page.reload();
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.click("text=Edit and approve …");
  await page.fill("dialog[open] textarea", '{"path":"elsewhere"}');
  await page.fill("dialog[open] input[name=reason]", "so");
  await page.keyboard.press("Escape");
  await page.reload();
  await page.click('nav.rail button:has-text("Stop")');
  expect(await page.isChecked('dialog[open] label:has-text("agent") input')).toBe(true);
  expect(await page.inputValue("dialog[open] textarea[name=reason]")).toBe("it writes nonsense");
  expect(await page.inputValue("dialog[open] input[name=agent]")).toBe("scribe");
  await page.reload();
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.click("text=Edit and approve …");
  expect(await page.inputValue("dialog[open] textarea")).toBe('{"path":"elsewhere"}');
  expect(await page.inputValue("dialog[open] input[name=reason]")).toBe("so");
  await page.keyboard.press("Escape");
  const kept = () => page.evaluate(() => Object.keys(sessionStorage).filter((key) => /reason|next/.test(key)));
  expect(await kept()).toHaveLength(4);
  await page.click(".you summary");
  await page.click("text=Log out");
  await page.waitForSelector("text=You are not logged in");
  expect(await kept()).toEqual([]);
  const link = (await invite(stage.plane.running.control, "countersign", bo)).shownOnce.reveal();
  await page.goto(`${stage.plane.url}/login?link=${link}`);
  await page.click("button");
  await page.waitForURL(`${stage.plane.url}/`);
  await other.reload();
  await other.click('nav.rail button:has-text("Stop")');
  expect(await other.inputValue("dialog[open] textarea[name=reason]")).toBe("");
  expect(await other.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("of another tab");
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
  await page.waitForSelector(".top .line a");
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

it("the list is put in order when that is asked for, and then only", async () => {
  const first = await stage.held("order-1.md");
  const { page, open } = await stage.logIn(bo);
  await open(`/inbox/${first}`);
  await page.waitForSelector(`#row-${first}`);
  const [second, third] = [await stage.held("order-2.md"), await stage.held("order-3.md")];
  await page.waitForSelector(`#row-${third} >> text=new`);
  const cancel = async (id: string) =>
    stage.plane.call("POST", `/v1/actions/${id}/cancel`, {
      key: await stage.plane.person(bo),
      body: { reason: "not needed" },
    });
  await cancel(second);
  await page.waitForSelector(`#row-${second} >> text=answered or ended`);
  // What ended is not walked to.
  const rows = await page.locator("ul.rows > li").evaluateAll((all) => all.map((one) => one.id.replace("row-", "")));
  const after = rows.slice(rows.indexOf(first) + 1).find((id) => id !== second);
  await page.keyboard.press("j");
  await page.waitForURL(`**/inbox/${after}`);
  await page.keyboard.press("k");
  await page.waitForURL(`**/inbox/${first}`);
  await page.click("text=Put in order again");
  await page.waitForSelector(`#row-${second}`, { state: "detached" });
  expect(await page.locator("ul.rows >> text=new").count()).toBe(0);
  expect(await page.locator("text=Put in order again").count()).toBe(0);
  // Where nothing came and something went it can be asked for as well; until then it stays.
  await cancel(third);
  await page.waitForSelector(`#row-${third} >> text=answered or ended`);
  const fourth = await stage.held("order-4.md");
  await page.waitForSelector(`#row-${fourth} >> text=new`);
  expect(await page.locator(`#row-${third}`).count()).toBe(1);
  await cancel(fourth);
  await page.waitForSelector(`#row-${fourth} >> text=answered or ended`);
  await page.click("text=Put in order again");
  await page.waitForSelector(`#row-${third}`, { state: "detached" });
});
