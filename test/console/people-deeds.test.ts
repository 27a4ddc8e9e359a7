import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hurried } from "../support/notice-plane.ts";
import { ana, bo, cy, until } from "../support/plane.ts";
import { Receiver } from "../support/receiver.ts";
import { holdReadings } from "./hold-readings.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

/** The DRI of a workflow, who operates nothing. */
const dot = "dot@acme.example";
const ops = new Receiver();
let stage: ConsoleStage;
beforeAll(async () => {
  await ops.open();
  const channel = { name: "ops", kind: "webhook", url: ops.url, signing: "notices/ops", on: ["escalation"] };
  stage = await openConsole({
    edit: {
      "countersign.yaml": (text) =>
        `${text.replace("people:\n", `people:\n  - { email: ${dot}, name: Dot, roles: [dri, approver], groups: [editors] }\n`)}\nnotifications: ${JSON.stringify([channel])}\n`,
      "workflows/repo-survey.yaml": (text) => text.replace(`dri: ${ana}`, `dri: ${dot}`),
    },
    instead: { notices: hurried },
  });
  const body = { name: "notices/ops", value: `whsec_${Buffer.alloc(32, 7).toString("base64")}` };
  const kept = await stage.plane.call("PUT", "/v1/secrets", { key: await stage.plane.person(ana), body });
  expect(kept.status).toBeLessThan(300);
}, 120_000);
afterAll(async () => {
  await stage?.close();
  await ops.close();
});
beforeEach(() => {
  ops.all.length = 0;
  ops.answer = (_request, response) => void response.writeHead(200).end("ok");
});

const kinds = async (kind: string) =>
  (await stage.plane.database.owner.query<{ person: string }>("select person from entry where kind = $1", [kind])).rows;
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const against = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  return violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`);
};
const isWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

describe("MT-202 a page that only asks whether the escalation reaches anybody", () => {
  it("is sent from the workflow's page, to the first step or to every one, and what arrived is told", async () => {
    const { page, open, faults } = await stage.logIn(ana);
    await open("/workflows/docs-upkeep");
    const section = page.locator("section[aria-label=Escalation]");
    await section.getByRole("button", { name: "Send a test page" }).click();
    await section.locator("text=Everything arrived.").waitFor();
    expect(ops.of("test.page").map(({ json }) => json.data.people)).toEqual([[bo]]);
    expect(await section.locator("[role=status]").textContent()).toContain(`${bo}: ${bo}`);
    ops.all.length = 0;
    await section.getByLabel("to every step").check();
    await section.getByRole("button", { name: "Send a test page" }).click();
    await section.locator(`text=leads: ${ana}, ${bo}`).waitFor();
    expect(ops.of("test.page")).toHaveLength(2);
    expect((await kinds("notice")).map(({ person }) => person)).toEqual([ana, ana]);
    expect(await against(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it("that did not arrive is a dead letter, says why, and is sent again under its own id", async () => {
    ops.answer = (_request, response) => void response.writeHead(410).end();
    const { page, open, faults } = await stage.logIn(bo, { width: 390 });
    await open("/workflows/docs-upkeep");
    const section = page.locator("section[aria-label=Escalation]");
    await section.getByRole("button", { name: "Send a test page" }).click();
    await section.locator(`text=Nobody reached ${bo}.`).waitFor();
    expect(await section.textContent()).toContain("410");
    const [first] = ops.of("test.page");
    ops.answer = (_request, response) => void response.writeHead(200).end();
    await section.getByRole("link", { name: "ops" }).click();
    await page.waitForURL("**/notices/ntc_*");
    await page.waitForSelector("article >> text=dead letter");
    expect(page.url()).toContain(String(first?.headers["webhook-id"]));
    expect(await against(page)).toEqual([]);
    expect(await isWide(page)).toBeLessThanOrEqual(0);
    await page.getByRole("button", { name: "Send it again" }).click();
    await until(async () => (ops.of("test.page").length === 2 ? true : undefined));
    expect(ops.of("test.page").map(({ headers }) => headers["webhook-id"])).toEqual([
      first?.headers["webhook-id"],
      first?.headers["webhook-id"],
    ]);
    await page.waitForSelector("article .state.allowed >> text=sent");
    expect(await page.getByRole("button", { name: "Send it again" }).count()).toBe(0);
    await open("/notices?state=dead");
    await page.waitForSelector("text=There is none of these.");
    expect(faults).toEqual([]);
  });

  it("is told of among the notices, page by page, to whom they are for and to nobody else", async () => {
    const { rows } = await stage.plane.database.owner.query<{ columns: string }>(
      "select string_agg(column_name, ', ' order by ordinal_position) as columns from information_schema.columns where table_name = 'notice' and column_name <> 'id'",
    );
    const columns = rows[0]?.columns ?? "";
    await stage.plane.database.owner.query(
      `insert into notice (id, ${columns})
       select 'ntc_' || lpad(n::text, 26, '0'), ${columns.replace(/\bevent\b/, "event || n")} from generate_series(1, 450) n, (select * from notice limit 1) one`,
    );
    const { page, open, faults } = await stage.logIn(ana);
    await open("/notices");
    await page.waitForSelector("ul.rows a.row");
    expect(await page.locator("ul.rows a.row").count()).toBe(200);
    const counted = await stage.plane.database.owner.query<{ n: number }>("select count(*)::int as n from notice");
    // While the listing is read again behind it, asking for older ones counts: once that has come, they are read.
    let isAsked = false;
    const free = Promise.withResolvers<void>();
    await page.route(/\/v1\/notices\?/, async (route) => {
      isAsked = true;
      await free.promise;
      await route.continue();
    });
    const look = () => page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
    await expect.poll(() => look().then(() => isAsked)).toBe(true);
    await page.getByRole("button", { name: "Older ones" }).click({ timeout: 15_000 });
    free.resolve();
    await page.waitForSelector('ul.rows li[aria-setsize="400"]');
    await page.unroute(/\/v1\/notices\?/);
    await page.getByRole("button", { name: "Older ones" }).click();
    await page.waitForSelector(`ul.rows li[aria-setsize="${counted.rows[0]?.n}"]`);
    expect(await page.locator("ul.rows a.row").count()).toBeLessThan(120);
    // The address of one that is far down opens it.
    await open(`/notices/ntc_${"7".padStart(26, "0")}`);
    await page.waitForSelector("article h2");
    expect(await against(page)).toEqual([]);
    expect(faults).toEqual([]);
    const other = await stage.logIn(cy);
    await other.open("/notices");
    expect(await other.page.locator("main [role=alert]").textContent()).toContain("`operate-notices` is for");
  });
});

describe("notices", () => {
  const idOf = (end: string) => `ntc_${end.padStart(26, "0")}`;
  const limitOf = (url: URL) => url.searchParams.get("limit");

  it("are linked to for who may read them, and for nobody else", async () => {
    ops.answer = (_request, response) => void response.writeHead(410).end();
    const { plane } = stage;
    expect((await plane.call("GET", "/v1/notices", { key: await plane.person(dot) })).status).toBe(403);
    for (const [email, isLinked] of [
      [dot, false],
      [bo, true],
    ] as const) {
      const { page, open, faults } = await stage.logIn(email);
      const links = page.locator('main a[href^="/notices"]');
      await open("/workflows/repo-survey");
      const section = page.locator("section[aria-label=Escalation]");
      await section.getByRole("button", { name: "Send a test page" }).click();
      await section.locator(`text=Nobody reached ${ana}.`).waitFor();
      expect(await section.locator("[role=status]").textContent()).toContain("✕ did not ops:");
      expect(await links.count(), email).toBe(isLinked ? 2 : 0);
      await open("/alerts");
      expect(await links.count(), email).toBe(isLinked ? 1 : 0);
      expect(faults).toEqual([]);
    }
  });

  /** So many more of them, each as one that is a dead letter. */
  async function insert(first: number, last: number): Promise<void> {
    const { owner } = stage.plane.database;
    const { rows } = await owner.query<{ columns: string }>(
      "select string_agg(column_name, ', ' order by ordinal_position) as columns from information_schema.columns where table_name = 'notice' and column_name <> 'id'",
    );
    const columns = rows[0]?.columns ?? "";
    await owner.query(
      `insert into notice (id, ${columns})
       select 'ntc_' || lpad(n::text, 26, '0'), ${columns.replace(/\bevent\b/, "event || n")}
       from generate_series($1::int, $2::int) n, (select * from notice where state = 'dead' limit 1) one`,
      [first, last],
    );
  }

  it("keep the one that is open where newer ones push it off the page", async () => {
    await insert(501, 800);
    const { page, open, faults } = await stage.logIn(ana);
    await open("/notices?state=dead");
    await page.locator("ul.rows a.row").last().click();
    const id = new URL(page.url()).pathname.split("/").at(-1);
    await page.waitForSelector(`article >> text=${id}`);
    const alone = await holdReadings(page, /\/v1\/notices\?.*limit=1(&|$)/);
    await insert(901, 901);
    const look = () => page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
    const listed = () => page.locator(`a[href="/notices/${id}?state=dead"]`).count();
    await expect.poll(() => look().then(listed)).toBe(0);
    await alone.asked;
    await page.getByRole("button", { name: "Send it again" }).click({ trial: true });
    expect(await page.locator("text=Looking through").count()).toBe(0);
    alone.release();
    expect(await page.locator(`article >> text=${id}`).count()).toBe(1);
    await stage.plane.database.owner.query("delete from notice where id like 'ntc_000000%'");
    expect(faults).toEqual([]);
  });

  it("are not read again by themselves where many are shown, and the one that is open is, alone", async () => {
    const { owner } = stage.plane.database;
    await insert(1001, 1900);
    // On its way for as long as this lasts: another replica seems to be sending it.
    await owner.query(
      "update notice set state = 'waiting', due_at = now(), sender = 'another', lease_until = now() + interval '1 hour' where id = $1",
      [idOf("1900")],
    );
    const { page, open, faults } = await stage.logIn(ana);
    const asked: URL[] = [];
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.pathname === "/v1/notices") asked.push(url);
    });
    await open("/notices");
    await until(async () => (asked.length >= 3 ? true : undefined));
    for (const many of [400, 600, 800]) {
      await page.getByRole("button", { name: "Older ones" }).click();
      await page.waitForSelector(`ul.rows li[aria-setsize="${many}"]`);
    }
    await page.waitForSelector("text=So many are not read again by themselves");
    asked.length = 0;
    await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
    await page.waitForTimeout(5_000);
    expect(asked.map(String)).toEqual([]);
    await page.locator("ul.rows a.row").first().click();
    await page.waitForSelector("article h2");
    await until(async () => (asked.length >= 1 ? true : undefined));
    expect(new Set(asked.map(limitOf))).toEqual(new Set(["1"]));
    asked.length = 0;
    await page.getByRole("button", { name: "Read these again" }).click();
    await until(async () => (asked.filter((url) => limitOf(url) === "200").length === 4 ? true : undefined));
    expect(faults).toEqual([]);

    // An address of one that is not there costs one look, and of what is no id none.
    for (const [id, looks, said] of [
      [idOf("h"), 1, "It is not among these"],
      ["aaa", 0, "There is nothing at this address"],
    ] as const) {
      // What is open there asks for nothing of its own in between.
      await page.goto("about:blank");
      asked.length = 0;
      await open(`/notices/${id}`);
      await page.waitForSelector(`text=${said}`);
      const alone = asked.filter((url) => limitOf(url) === "1");
      expect(alone, id).toHaveLength(looks);
      expect(asked.filter((url) => !alone.includes(url) && url.searchParams.has("cursor")).map(String)).toEqual([]);
    }
    await owner.query("delete from notice where id like 'ntc_000000%'");
    // The browser's own word about the last.
    expect(faults).toEqual([expect.stringContaining("404")]);
  }, 180_000);
});

describe("deeds that take two people, or end something", () => {
  it("a waiver is asked for by one, signed by another and not by the first, and ended with a reason", async () => {
    const first = await stage.logIn(ana);
    await first.open("/workflows/docs-upkeep");
    await first.page.getByRole("button", { name: "Ask for a waiver" }).click();
    const dialog = first.page.locator("dialog[open]");
    await dialog.getByLabel("Agent").selectOption("scribe");
    await dialog.getByLabel("Tier").selectOption("1");
    await dialog.getByLabel("Days").fill("3");
    await dialog.getByLabel("Why").fill("it only proposes this week");
    await dialog.getByRole("button", { name: "Ask", exact: true }).click();
    const own = first.page.locator("section[aria-label=Waivers] .entry", { hasText: "it only proposes this week" });
    await own.locator("text=You asked for it, so somebody else signs it.").waitFor();
    expect(await own.getByRole("button").count()).toBe(0);
    const second = await stage.logIn(bo);
    await second.open("/workflows/docs-upkeep");
    await second.page.getByRole("button", { name: "Sign it: tier 1 from now" }).click();
    const signed = second.page.locator("section[aria-label=Waivers] .entry", { hasText: "it only proposes this week" });
    await signed.locator(`text=by ${ana} and ${bo}`).waitFor();
    const tierOf = async () => {
      const { json } = await stage.plane.call("GET", "/v1/waivers", { key: await stage.plane.person(ana) });
      return json.inForce.map(({ tier }: { tier: number }) => tier);
    };
    expect(await tierOf()).toContain(1);
    await signed.getByRole("button", { name: "End it now" }).click();
    await second.page.locator("dialog[open]").getByLabel("Why").fill("the week is over");
    await second.page.locator("dialog[open] button[type=submit]").click();
    await signed.waitFor({ state: "detached" });
    expect(await tierOf()).not.toContain(1);
    for (const { faults } of [first, second]) expect(faults).toEqual([]);
  });

  it("MT-210 an auditor checks whether the log is complete, and finds the same as the server says", async () => {
    const { faults, open, page } = await stage.logIn(cy);
    await open("/ledger");
    await page.getByRole("form", { name: "Is the log complete?" }).getByRole("button", { name: "Check" }).click();
    await page.waitForSelector("text=/(No gaps|[0-9]+ gaps?) in [0-9,]+ actions/");
    const key = await stage.plane.person(cy);
    const { measures } = (await stage.plane.call("GET", "/v1/ledger/completeness", { key })).json;
    for (const name of ["inputs", "approval"]) {
      const [of, have] = await page.locator(`[data-measure=${name}] td`).allTextContents();
      expect([of, have]).toEqual([measures[name].of, measures[name].have].map((many) => many.toLocaleString("en")));
    }
    expect(faults).toEqual([]);
  });

  it("somebody who is logged out everywhere sees nothing any more; whoever may not do that is told so", async () => {
    const theirs = await stage.logIn(cy);
    await theirs.open("/ledger");
    await theirs.open(`/people/${encodeURIComponent(ana)}`);
    await theirs.page.getByRole("button", { name: "Log them out everywhere" }).click();
    await theirs.page.locator("dialog[open]").getByLabel("Why").fill("to see what happens");
    await theirs.page.locator("dialog[open] button[type=submit]").click();
    await theirs.page.locator("dialog[open] [role=alert]").waitFor();
    const { page, open, faults } = await stage.logIn(ana);
    await open(`/people/${encodeURIComponent(cy)}`);
    await page.getByRole("button", { name: "Log them out everywhere" }).click();
    await page.locator("dialog[open]").getByLabel("Why").fill("the laptop was lost");
    await page.locator("dialog[open] button[type=submit]").click();
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    await theirs.page.goto(`${stage.plane.url}/ledger`);
    await theirs.page.waitForSelector("text=You are not logged in");
    expect(faults).toEqual([]);
  });

  it("an alert is settled with a reason, is gone from everybody's list, and what was written is in the ledger", async () => {
    const id = `gov_${"5".padStart(26, "0")}`;
    await stage.plane.database.owner.query(
      "insert into alert (id, kind, subject, sentence) values ($1, 'contradiction', 'act_x', 'a late answer says done')",
      [id],
    );
    const other = await stage.logIn(bo);
    await other.open("/alerts");
    await other.page.waitForSelector(`a[href="/alerts/${id}"]`);
    const { page, open, faults } = await stage.logIn(ana);
    await open(`/alerts/${id}`);
    expect(await page.textContent("article h2")).toBe("A late answer says another thing than the record");
    await page.getByRole("button", { name: "Settle it" }).click();
    await page.locator("dialog[open] textarea").fill("looked at the page: it is right");
    await page.locator("dialog[open] button[type=submit]").click();
    await page.waitForSelector("text=This alert is not open any more");
    await other.open("/alerts");
    await other.page.waitForFunction((path) => document.querySelector(`a[href="${path}"]`) === null, `/alerts/${id}`);
    expect(await kinds("alert")).toContainEqual({ person: ana });
    expect(faults).toEqual([]);
  });
});
