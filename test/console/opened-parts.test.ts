import { writeFileSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, until } from "../support/plane.ts";
import { openRepo, type RepoServer, repoFile } from "../support/repo-server.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
let repo: RepoServer;
beforeAll(async () => {
  repo = await openRepo();
  stage = await openConsole({
    add: { "tools/repo.yaml": repoFile(repo.url) },
    edit: {
      "countersign.yaml": (text) =>
        `${text}\napprovals: { skim: { floor: 1s }, answerWithin: { target: 1h }, canaries: { share: 0% } }\n`,
      "workflows/docs-upkeep.yaml": (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("ask:\n", "ask:\n  - { tool: repo.merge_pull_request, from: editors, open: 4h }\n"),
    },
  });
  const key = await stage.plane.person(ana);
  for (let left = 3; left > 0; ) {
    const { reviews } = (await stage.plane.call("GET", "/v1/catalog/reviews", { key })).json;
    for (const { server, tool, digest } of reviews.filter((one: { server: string }) => one.server === "repo")) {
      const body = { server, tool, digest, answer: "approve" };
      if ((await stage.plane.call("POST", "/v1/catalog/reviews", { key, body })).status === 200) left -= 1;
    }
  }
});
afterAll(async () => {
  await stage?.close();
  await repo?.close();
});

async function merge(pullNumber: number): Promise<string> {
  const body = { server: "repo", tool: "merge_pull_request", arguments: { pullNumber } };
  return (await stage.plane.call("POST", "/v1/actions", { key: stage.scribe, body })).json.id;
}

const stateOf = async (id: string): Promise<string> =>
  (await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe })).json.state;

/** What the receipt says of the answers so far, once there is one. */
const answers = (id: string) =>
  until(async () => {
    const { json } = await stage.plane.call("GET", `/v1/receipts/${id}`, { key: await stage.plane.person(ana) });
    return json.approvals.answers.length > 0 ? json.approvals.answers : undefined;
  });

/** Opens the request in a browser of this person's, once it has lain there for longer than a look takes. */
async function shown(id: string) {
  const visit = await stage.logIn(bo);
  await visit.open(`/inbox/${id}`);
  await visit.page.waitForSelector("section.answer .deeds button:not(:disabled)");
  await until(async () => {
    const { rows } = await stage.plane.running.control.parts.db.query<{ old: boolean }>(
      "select first_at < clock_timestamp() - interval '1.1 seconds' as old from approval_shown where action = $1 and person = $2",
      [id, bo],
    );
    return rows[0]?.old === true ? true : undefined;
  });
  return visit;
}

describe("MT-198 what was in view of a merge goes with the answer", () => {
  it("a second reviewer is asked where no file was opened, and the request says that it is recorded", async () => {
    const id = await merge(9);
    const { page, faults } = await shown(id);
    expect(await page.locator("section[aria-label=Files] details").count()).toBe(9);
    expect(await page.textContent("section[aria-label=Files]")).toContain("9 files.");
    await page.click('section.answer .deeds button:has-text("Approve")');
    await page.waitForSelector(".outcome >> text=/most of what it does was never opened, so one more person is asked/");
    const [answer] = await answers(id);
    expect(answer).toMatchObject({ person: bo, skimmed: true, unopened: true, looked: { of: 9, seen: 0, asked: 0 } });
    expect(await stateOf(id)).toBe("held");
    expect(faults).toEqual([]);
  });

  it("nobody else is asked where its files were opened, and which of them were stands in the receipt", async () => {
    const id = await merge(4);
    const { page } = await shown(id);
    for (const at of [0, 2]) {
      const file = page.locator("section[aria-label=Files] details").nth(at);
      await file.locator("summary").click();
      // It counts once its end was in view.
      await file.locator(`[data-part="file/${at}"]`).scrollIntoViewIfNeeded();
    }
    await page.click('section.answer .deeds button:has-text("Approve")');
    const [answer] = await answers(id);
    expect(answer.skimmed).toBeUndefined();
    expect(answer.looked).toMatchObject({ of: 4, seen: 2 });
    expect(answer.looked.opened).toEqual(expect.arrayContaining(["file/0", "file/2"]));
    expect(answer.looked.opened).not.toContain("file/1");
    await until(async () => ((await stateOf(id)) === "done" ? true : undefined));
    expect(repo.merged).toEqual([4]);
  });
});

describe("MT-91 the report in the console", () => {
  it("says how fast people answer, and looks for what could be granted where somebody asks", async () => {
    const key = await stage.plane.person(bo);
    const { page, open, faults } = await stage.logIn(ana);
    const names = Array.from({ length: 20 }, (_, at) => `often-${at}.md`);
    await Promise.all(
      names.map(async (name, at) => {
        writeFileSync(join(stage.plane.folder, "sandbox", name), "A page.\nold\n");
        const id = await stage.held(name, { content: `A page.\n${String(at).padStart(3, "0")}\n` });
        const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${id}`, { key })).json;
        const body = { verdict: "approve", callDigest, shownDigest };
        expect((await stage.plane.call("POST", `/v1/approvals/${id}/answer`, { key, body })).status).toBe(200);
        await until(async () => ((await stateOf(id)) === "done" ? true : undefined));
      }),
    );
    await open("/inbox/report");
    const kept = page.locator("section[aria-label='How fast people answer'] li");
    expect(await kept.textContent()).toMatch(/kept docs-upkeep: Kept: \d+ of \d+ questions were answered within 1 h/);
    await page.click("text=Look for proposals");
    const found = page.locator("section[aria-label='What could be granted']");
    await found.locator("[role=status]").waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    const told = await found.locator("article").textContent();
    expect(told).toContain("People approved 20 calls of files.write_file by scribe");
    expect(told).toContain("at least 83 of 100");
    expect(told).toContain("grants: true");
    expect(faults).toEqual([]);
  });
});
