import { mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inboxViews, nouns, policyViews } from "../../packages/console/src/shell/nouns.ts";
import { routes as served } from "../../packages/countersign/src/doors/http/index.ts";
import { ana, until } from "../support/plane.ts";
import { actOn } from "./acted.ts";
import type { Visit } from "./open-console.ts";
import { type NotesStage, openNotes } from "./open-notes.ts";

let stage: NotesStage;
/** By name: its address, and what is there once it has drawn what it is about. */
const routes: Record<string, readonly [path: string, ready?: string]> = {};
const shots = process.env.SCREENSHOTS;

beforeAll(async () => {
  stage = await openNotes();
  const { plane } = stage;
  const key = await plane.person(ana);
  const acted = await actOn(stage);
  const again = await acted.open("the same again");
  await acted.call("list_directory", { path: acted.path(".") }, again);
  const held = await stage.held("held.md");
  const blocked = { server: "files", tool: "move_file", arguments: { source: "a", destination: "b" } };
  const refused = (await plane.call("POST", "/v1/actions", { key: stage.scribe, body: blocked })).json.id;
  stage.notes.lose();
  const lost = await stage.send("bo@acme.example");
  await until(async () => {
    const { json } = await plane.call("GET", `/v1/actions/${lost}`, { key });
    return json.state === "unknown" ? true : undefined;
  });
  const alert = await until(async () => (await plane.call("GET", "/v1/alerts", { key })).json.alerts[0]);
  const body = { scope: "agent", name: "coder", reason: "it reads what it should not", forMs: 3_600_000 };
  const stopped = (await plane.call("POST", "/v1/stops", { key, body })).json;
  const waiver = { agent: "scribe", workflow: "docs-upkeep", tier: 3, days: 7, reason: "the pages move" };
  await plane.call("POST", "/v1/waivers", { key, body: waiver });
  stage.notes.describe("Sends a note to any person, and a copy of it to the address that the text names.");
  const review = await stage.waiting();
  const { policies } = (await plane.call("GET", "/v1/policies", { key })).json;
  const policy = policies.find((one: { source: string }) => one.source === "workflow").id;
  Object.assign(routes, {
    first: ["/", "ul.rows a.row"],
    inbox: ["/inbox", "ul.rows a.row"],
    request: [`/inbox/${held}`, "article h2"],
    batches: ["/inbox/batches"],
    grants: ["/inbox/grants"],
    answers: ["/inbox/answers"],
    load: ["/inbox/load"],
    report: ["/inbox/report", ".plot canvas"],
    runs: ["/runs", "ul.walk a.row"],
    actions: [`/runs?of=actions&peek=${acted.written}`, ".detail dl"],
    misspelled: ["/runs?q=agnt:x", "[role=alert]"],
    run: [`/runs/${acted.run}`, ".timeline li"],
    compare: [`/runs/${acted.run}?with=${again}`, "table.compare tbody tr"],
    receipt: [`/actions/${acted.written}`, ".verdict .stamp"],
    "refused-receipt": [`/actions/${acted.refused}`, ".conditions .chain"],
    "held-receipt": [`/actions/${held}`, ".deeds"],
    "no-receipt": ["/actions"],
    find: ["/find", ".empty"],
    found: ["/find?q=scribe", "ul.rows a.row"],
    "nothing-found": ["/find?q=zzz-nothing-says-this", ".empty"],
    ledger: ["/ledger", "main [role=status]:not(.outcome)"],
    stops: ["/stops"],
    stop: [`/stops/${stopped.stop.id}`, "article"],
    unknowns: ["/unknowns"],
    unknown: [`/unknowns/${lost}`, "article"],
    alerts: ["/alerts"],
    alert: [`/alerts/${alert.id}`, "article"],
    agents: ["/agents"],
    agent: ["/agents/scribe", "article"],
    workflows: ["/workflows"],
    workflow: ["/workflows/docs-upkeep"],
    prose: ["/workflows?view=draft"],
    tools: ["/tools"],
    tool: ["/tools/files.write_file"],
    review: [`/tools/notes.send_note/${review.digest}`],
    policies: ["/policies"],
    policy: [`/policies/${encodeURIComponent(policy)}`],
    "who-can": ["/policies?view=who-can&agent=scribe&environment=sandbox", "tr[data-answer]"],
    draft: [`/policies?view=draft&file=workflows/docs-upkeep.yaml&action=${refused}`, "#draft-text"],
    findings: ["/policies?view=findings"],
    history: ["/policies?view=history"],
    "near-misses": ["/policies?view=near-misses"],
    workbench: ["/workbench"],
    "workbench-of-one": [`/workbench/${acted.written}`, "section[aria-label='The case']"],
    people: ["/people"],
    person: ["/people/ana%40acme.example"],
    evals: ["/evals"],
    outcomes: ["/outcomes"],
    notices: ["/notices"],
  });
}, 120_000);
afterAll(() => stage?.close());

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** What the dark can break: the page is the same but for its colours. */
const byColour = ["color-contrast", "link-in-text-block"];
const paths = () => Object.values(routes).map(([path]) => path);

async function opened({ page, open }: Visit, [path, ready]: readonly [path: string, ready?: string]): Promise<void> {
  await open(path);
  if (ready !== undefined) await page.waitForSelector(ready);
  // Every page has something below its heading; then what came is drawn.
  else
    await page.waitForFunction(() => (document.querySelector("main h1")?.parentElement?.textContent ?? "").length > 60);
  await page.waitForTimeout(150);
  await page.waitForFunction(() => !/Asking …|Looking through/.test(document.body.textContent ?? ""));
}

/** Runs in the page: what is placed against the order of the document, or what the Tab key passes over or takes out of turn. */
function strayFrom(): readonly string[] {
  const named = (one: Element) => one.outerHTML.slice(0, 100);
  const all = [
    ...document.querySelectorAll<HTMLElement>(
      "a[href], button, input, select, textarea, summary, [tabindex], [role=button], [role=link], [contenteditable=true]",
    ),
  ].filter((one) => one.checkVisibility() && !one.matches(":disabled"));
  const takes = "a[href], button, input, select, textarea, summary, [role=button], [role=link], [contenteditable=true]";
  const unreached = all.filter((one) => one.tabIndex > 0 || (one.tabIndex < 0 && one.matches(takes)));
  const turned = [...document.querySelectorAll("body *")].filter((one) => {
    const { display, flexDirection, flexWrap, order, gridAutoFlow } = getComputedStyle(one);
    const isFlex = display.endsWith("flex") && (flexDirection.endsWith("-reverse") || flexWrap === "wrap-reverse");
    return isFlex || order !== "0" || (display.endsWith("grid") && gridAutoFlow.includes("dense"));
  });
  return [...unreached, ...turned].map(named);
}

const isWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** Nouns and views that none of these addresses opens. */
function missing(those: readonly string[]): readonly string[] {
  const at = those.map((path) => new URL(path, "http://here"));
  const ours = served
    .filter(({ method, path }) => method === "GET" && /^\/[a-z]+\/\*$/.test(path) && path !== "/assets/*")
    .map(({ path }) => path.slice(1, -2));
  return [
    ...[...new Set([...nouns, ...ours])].filter((noun) => !at.some(({ pathname }) => pathname === `/${noun}`)),
    ...inboxViews.filter((view) => !at.some(({ pathname }) => pathname === `/inbox${view === "" ? "" : `/${view}`}`)),
    ...policyViews.filter(
      (view) => view !== "in-force" && !at.some(({ searchParams }) => searchParams.get("view") === view),
    ),
  ];
}

describe("every page of the console", () => {
  it("is one of those that are looked at here, and one that is left out would be missed", () => {
    expect(missing(paths())).toEqual([]);
    expect(missing(paths().filter((path) => path !== "/ledger" && !path.includes("findings")))).toEqual([
      "ledger",
      "findings",
    ]);
  });

  it.each([1280, 390])(
    "has nothing against WCAG 2.2 AA in the light and in the dark, one heading, a title, and is no wider than the screen: %i px",
    async (width) => {
      const visit = await stage.logIn(ana, { width });
      const { page, faults } = visit;
      for (const [name, route] of Object.entries(routes)) {
        await opened(visit, route);
        for (const look of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme: look });
          if (shots !== undefined) {
            mkdirSync(shots, { recursive: true });
            const file = `${name}-${width}${look === "dark" ? "-dark" : ""}.png`;
            await page.screenshot({ path: join(shots, file), fullPage: true });
          }
          const axe = new AxeBuilder({ page });
          const { violations } = await (look === "light" ? axe.withTags(tags) : axe.withRules(byColour)).analyze();
          const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html.slice(0, 200)}`));
          expect(found, `${name}, ${look}`).toEqual([]);
        }
        expect(await page.locator("h1").count(), name).toBe(1);
        expect(await page.title(), name).toMatch(/Countersign$/);
        expect(await isWide(page), `${name} is wider than the screen`).toBeLessThanOrEqual(0);
      }
      expect(faults).toEqual([]);
    },
    480_000,
  );

  it.each([1280, 390])(
    "MT-50 is read in the order of its parts, and the Tab key reaches everything that can be pressed or typed into: %i px",
    async (width) => {
      const visit = await stage.logIn(ana, { width });
      for (const [name, route] of Object.entries(routes)) {
        await opened(visit, route);
        expect(await visit.page.evaluate(strayFrom), name).toEqual([]);
      }
      // The rule sees what it is for.
      await visit.page.evaluate(() => {
        const parts =
          '<div><a href="/">last</a><a href="/">first</a></div><a href="/" tabindex="2">sooner</a><b role="button">never</b><a href="/" tabindex="-1">left out</a>';
        document.querySelector("main")?.insertAdjacentHTML("beforeend", `<section>${parts}</section>`);
        // The page's policy takes no style within the markup.
        const turned = document.querySelector<HTMLElement>("main > section:last-child > div");
        if (turned !== null) Object.assign(turned.style, { display: "flex", flexDirection: "row-reverse" });
      });
      expect(await visit.page.evaluate(strayFrom)).toHaveLength(4);
    },
    480_000,
  );

  it("loses nothing at 200 %: the same can be done, and nothing has to be scrolled sideways", async () => {
    const [whole, half] = [await stage.logIn(ana, { width: 1280 }), await stage.logIn(ana, { width: 640 })];
    const deeds = ({ page }: Visit) =>
      page
        .locator("main button, main .detail a, main article a, main input, main select, main textarea, nav button.stop")
        .evaluateAll((all) =>
          all
            .filter((one) => one.checkVisibility() && one.closest(".back, .list") === null)
            .map((one) => `${one.tagName} ${one.getAttribute("aria-label") ?? one.textContent}`)
            // How long ago something was goes on meanwhile.
            .map((name) => name.replaceAll(/\d+ (s|min)( ago)?|now/g, "").trim()),
        );
    for (const name of ["request", "run", "receipt", "stop", "agent", "draft", "who-can"]) {
      const route = routes[name];
      if (route === undefined) throw new Error(name);
      for (const visit of [whole, half]) await opened(visit, route);
      // What each offers comes with its readings, one after another.
      const differing = async () => {
        const [there, here] = [await deeds(whole), await deeds(half)];
        return there.join("\n") === here.join("\n") ? [] : [there, here];
      };
      await expect.poll(differing, { message: name }).toEqual([]);
      expect(await isWide(half.page), name).toBeLessThanOrEqual(0);
    }
  });

  it("keeps its edges and its focus where the system chooses the colours, and tells states by words", async () => {
    const visit = await stage.logIn(ana);
    const { page } = visit;
    await page.emulateMedia({ forcedColors: "active" });
    for (const name of ["request", "run", "stops", "unknowns"]) {
      await opened(visit, routes[name] ?? ["/"]);
      expect(await page.evaluate(() => matchMedia("(forced-colors: active)").matches)).toBe(true);
      const bare = await page
        .locator("button:visible:not(.quiet), input:not([type=checkbox], [type=radio]):visible, select:visible")
        .evaluateAll((all) =>
          all
            .filter((one) => getComputedStyle(one).borderTopStyle === "none")
            .map((one) => one.outerHTML.slice(0, 100)),
        );
      expect(bare, name).toEqual([]);
      await page.locator("nav.rail button.stop").focus();
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
      expect(outline, name).not.toBe("none");
      const silent = await page
        .locator(".state:visible")
        .evaluateAll((all) =>
          all.map((one) => (one.textContent ?? "").replaceAll(/[^\p{L}]/gu, "")).filter((words) => words === ""),
        );
      expect(silent, name).toEqual([]);
    }
  });

  it("moves nothing where no motion is wanted, and little where it is", async () => {
    const visit = await stage.logIn(ana);
    const { page } = visit;
    const times = async (motion: "reduce" | "no-preference") => {
      await page.emulateMedia({ reducedMotion: motion });
      await opened(visit, routes.inbox ?? ["/inbox"]);
      return page.evaluate(() =>
        [...document.querySelectorAll("*")].flatMap((one) => {
          const { transitionDuration, animationDuration } = getComputedStyle(one);
          return `${transitionDuration}, ${animationDuration}`.split(", ").map((time) => Number.parseFloat(time));
        }),
      );
    };
    expect(Math.max(...(await times("reduce")))).toBe(0);
    expect(Math.max(...(await times("no-preference")))).toBeCloseTo(0.12);
  });
});
