import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

/** Two people have to approve: whoever approved first may answer again. */
let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole({
    edit: {
      "workflows/docs-upkeep.yaml": (text) => text.replace("count: 1", "count: 2"),
    },
  });
});
afterAll(() => stage?.close());

async function approved(id: string): Promise<void> {
  const key = await stage.plane.person(bo);
  const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${id}`, { key })).json;
  const body = { verdict: "approve", reason: "the first time", callDigest, shownDigest };
  const { status } = await stage.plane.call("POST", `/v1/approvals/${id}/answer`, { key, body });
  expect(status).toBe(200);
}

async function shown(id: string): Promise<Page> {
  const { page, open } = await stage.logIn(bo);
  await open(`/inbox/${id}`);
  await page.waitForSelector("section.answer .deeds button:not(:disabled)");
  return page;
}

async function answer(page: Page, words: "Approve" | "Deny"): Promise<void> {
  await page.fill("section.answer textarea", "the second time");
  await page.getByRole("button", { name: words, exact: true }).click();
  await page.getByRole("button", { name: "Send now" }).click();
}

/** What stands before the server fails, and the answer never arrives. */
const loseAnswer = (page: Page, id: string) =>
  page.route(`**/v1/approvals/${id}/answer`, (route) => route.fulfill({ status: 502, body: "<html>" }));
const loseReply = (page: Page, id: string) =>
  page.route(`**/v1/approvals/${id}/answer`, async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  });

describe("an answer to what the same person answered before, whose reply is lost", () => {
  it.each(["Approve", "Deny"] as const)(
    "%s: the earlier one is not taken for it where it never arrived",
    async (words) => {
      const id = await stage.held(`again-${words}.md`);
      await approved(id);
      const page = await shown(id);
      await loseAnswer(page, id);
      await answer(page, words);
      const outcome = page.locator(".outcome");
      await outcome.getByText("is not recorded so far").waitFor();
      expect(await outcome.textContent()).toContain("what is recorded is that you approved it. It waits still");
      expect(await page.inputValue("section.answer textarea")).toBe("the second time");
      expect(new URL(page.url()).pathname).toBe(`/inbox/${id}`);
    },
  );

  it("is told as arrived where it did; where the request waits still nobody is led on from it", async () => {
    const id = await stage.held("again-arrived.md");
    await stage.held("the-next.md");
    await approved(id);
    const page = await shown(id);
    await loseReply(page, id);
    await answer(page, "Approve");
    const outcome = page.locator(".outcome");
    await outcome.getByText("Your answer arrived: you approved").waitFor();
    expect(await outcome.textContent()).toContain(
      "The request waits still: whether your answer counts stands in its receipt.",
    );
    await page.waitForTimeout(300);
    expect(new URL(page.url()).pathname).toBe(`/inbox/${id}`);
    expect(await page.inputValue("section.answer textarea")).toBe("");
  });

  it("is told as not known where what was recorded before could not be read", async () => {
    const id = await stage.held("again-unknown.md");
    await approved(id);
    const page = await shown(id);
    await page.route("**/v1/answers?**", (route) => route.fulfill({ status: 500, body: "" }), { times: 1 });
    await loseAnswer(page, id);
    await answer(page, "Approve");
    await page.locator(".outcome").getByText("It is still not known whether your answer").waitFor();
  });
});

/** Answered together, once each was opened by itself. */
async function batch(names: readonly string[], words: "Approve" | "Deny") {
  await endAll();
  const ids: string[] = [];
  for (const name of names) ids.push(await overwrite(name));
  const visit = await stage.logIn(bo);
  for (const id of ids) {
    await visit.open(`/inbox/${id}`);
    await visit.page.waitForSelector("section.answer");
  }
  await visit.open("/inbox/batches");
  await visit.page.fill("main section input", "all of one kind");
  await visit.page.click(`button:has-text("${words} all ${ids.length}"):not([disabled])`);
  return { page: visit.page, ids };
}

/** A write over a page that is there, so that it can be undone: only such are answered together. */
async function overwrite(name: string): Promise<string> {
  writeFileSync(join(stage.plane.folder, "sandbox", name), "before\n");
  return stage.held(name, { content: "after\n" });
}

async function endAll(): Promise<void> {
  const { plane } = stage;
  const key = await plane.person(ana);
  for (const { id } of (await plane.call("GET", "/v1/approvals", { key })).json.approvals)
    await plane.call("POST", `/v1/actions/${id}/cancel`, { key, body: { reason: "over" } });
}

const verdictsOf = async (id: string): Promise<readonly string[]> => {
  const key = await stage.plane.person(bo);
  const { answers } = (await stage.plane.call("GET", `/v1/answers?action=${id}`, { key })).json;
  return answers.map(({ verdict }: { verdict: string }) => verdict);
};

describe("an answer to several, whose reply is lost", () => {
  it("is told as arrived where it did, with what waits still, and is not sent again", async () => {
    const { page, ids } = await batch(["all-a.md", "all-b.md"], "Approve");
    let sent = 0;
    await page.route("**/v1/approvals/batch", async (route) => {
      sent += 1;
      await route.fetch();
      await route.abort("connectionreset");
    });
    await page.getByRole("button", { name: "Send now" }).click();
    const outcome = page.locator(".outcome");
    await outcome.getByText("Your answer arrived: you approved 2 requests of files.write_file.").waitFor();
    // Two people have to approve it.
    expect(await outcome.getByText("it waits still: whether your answer counts stands in its receipt").count()).toBe(2);
    expect(await outcome.locator("li a").first().getAttribute("href")).toBe(`/actions/${ids[0]}`);
    for (const id of ids) expect(await verdictsOf(id)).toEqual(["approve"]);
    expect(sent).toBe(1);
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("all of one kind");
  });

  it("is told for each by itself where it arrived in part; what was written is kept", async () => {
    const { page, ids } = await batch(["part-a.md", "part-b.md", "part-c.md"], "Deny");
    await page.route("**/v1/approvals/batch", async (route) => {
      const body = route.request().postDataJSON();
      await route.fetch({ postData: JSON.stringify({ ...body, items: body.items.slice(0, 2) }) });
      await route.abort("connectionreset");
    });
    await page.getByRole("button", { name: "Send now" }).click();
    const outcome = page.locator(".outcome");
    await outcome.getByText("arrived in part: you denied 2 of 3 requests of files.write_file.").waitFor();
    const lines = outcome.locator("li");
    expect(await lines.count()).toBe(1);
    expect(await lines.textContent()).toMatch(/part-c\.md.*not recorded so far\. It waits still/s);
    expect(await Promise.all(ids.map(verdictsOf))).toEqual([["deny"], ["deny"], []]);
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).toContain("all of one kind");
  });

  it("is told as not recorded where it never arrived, and what was answered before is not taken for it", async () => {
    const { page, ids } = await batch(["none-a.md", "none-b.md"], "Approve");
    await page.getByRole("button", { name: "Take it back" }).click();
    await approved(ids[0] ?? "");
    await page.route("**/v1/approvals/batch", (route) => route.fulfill({ status: 502, body: "<html>" }));
    await page.click('button:has-text("Approve all 2"):not([disabled])');
    await page.getByRole("button", { name: "Send now" }).click();
    const outcome = page.locator(".outcome");
    await outcome.getByText("Your answer to 2 requests of files.write_file is not recorded so far.").waitFor();
    expect(await outcome.textContent()).toMatch(
      /none-a\.md.*what is recorded is that you approved it\. It waits still/s,
    );
    expect(await Promise.all(ids.map(verdictsOf))).toEqual([["approve"], []]);
  });

  it("is told as not known for that one of which it cannot be known", async () => {
    const { page, ids } = await batch(["odd-a.md", "odd-b.md"], "Approve");
    await page.route("**/v1/approvals/batch", async (route) => {
      await page.route(`**/v1/answers?action=${ids[1]}*`, (one) => one.fulfill({ status: 500, body: "" }));
      await route.fetch();
      await route.abort("connectionreset");
    });
    await page.getByRole("button", { name: "Send now" }).click();
    const outcome = page.locator(".outcome");
    await outcome.getByText("arrived in part: you approved 1 of 2 requests").waitFor();
    expect(await outcome.textContent()).toMatch(/odd-b\.md.*it is still not known whether your answer arrived/s);
  });

  it("is told as not known where of one it cannot be known and of no other it arrived", async () => {
    const { page, ids } = await batch(["dark-a.md", "dark-b.md"], "Approve");
    await page.route("**/v1/approvals/batch", async (route) => {
      await page.route(`**/v1/answers?action=${ids[1]}*`, (one) => one.fulfill({ status: 500, body: "" }));
      await route.fulfill({ status: 502, body: "<html>" });
    });
    await page.getByRole("button", { name: "Send now" }).click();
    const outcome = page.locator(".outcome");
    await outcome.getByText("It is still not known whether your answer to 2 requests of files.write_file").waitFor();
    expect(await outcome.textContent()).toMatch(/dark-a\.md.*this answer of yours is not recorded so far/s);
  });

  it("has the browser ask before the page is closed while it waits and while it is on its way", async () => {
    const { page } = await batch(["close-a.md", "close-b.md"], "Approve");
    const asks = () => page.evaluate(() => !dispatchEvent(new Event("beforeunload", { cancelable: true })));
    expect(await asks()).toBe(true);
    const [isSent, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await page.route("**/v1/approvals/batch", async (route) => {
      isSent.resolve();
      await free.promise;
      await route.continue();
    });
    await page.getByRole("button", { name: "Send now" }).click();
    await isSent.promise;
    expect(await page.getByRole("button", { name: "Send now" }).count()).toBe(0);
    expect(await asks()).toBe(true);
    free.resolve();
    await page.locator(".outcome").getByText("You approved 2 requests of files.write_file.").waitFor();
    expect(await asks()).toBe(false);
  });
});

it("one answer and an answer to several wait by the same count", async () => {
  /** The seconds that are shown, one after the other, from the click until it is on its way. */
  const counted = async (page: Page, path: string, button: Locator) => {
    await button.waitFor();
    const looking = await page.evaluateHandle((sentTo) => {
      const all = new Promise<readonly number[]>((resolve) => {
        const seen: number[] = [];
        const look = setInterval(() => {
          const [, seconds] = /ing in (\d+) s\./.exec(document.body.textContent ?? "") ?? [];
          if (seconds !== undefined && seen.at(-1) !== Number(seconds)) seen.push(Number(seconds));
          const isSent = performance.getEntriesByType("resource").some(({ name }) => name.endsWith(sentTo));
          if (!isSent) return;
          clearInterval(look);
          resolve(seen);
        }, 20);
      });
      return { all };
    }, path);
    await button.click();
    return looking.evaluate(({ all }) => all);
  };
  const several = await batch(["count-a.md", "count-b.md"], "Approve");
  await several.page.getByRole("button", { name: "Take it back" }).click();
  const toSeveral = several.page.locator('button:has-text("Approve all 2"):not([disabled])');
  const ofSeveral = await counted(several.page, "/v1/approvals/batch", toSeveral);
  await endAll();
  const id = await stage.held("count-c.md");
  const page = await shown(id);
  const toOne = page.getByRole("button", { name: "Approve", exact: true });
  const ofOne = await counted(page, `/v1/approvals/${id}/answer`, toOne);
  expect(ofOne.length).toBeGreaterThan(2);
  expect(ofOne).toEqual(ofSeveral);
});
