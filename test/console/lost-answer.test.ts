import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bo } from "../support/plane.ts";
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
