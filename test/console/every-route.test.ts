import { mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inboxViews, nouns, policyViews } from "../../packages/console/src/shell/nouns.ts";
import { routes as served } from "../../packages/countersign/src/doors/http/index.ts";
import { ana } from "../support/plane.ts";
import type { Visit } from "./open-console.ts";
import { openEvery, type Route } from "./open-every.ts";
import type { NotesStage } from "./open-notes.ts";

let stage: NotesStage;
let routes: Readonly<Record<string, Route>> = {};
const shots = process.env.SCREENSHOTS;

beforeAll(async () => {
  ({ stage, routes } = await openEvery());
}, 120_000);
afterAll(() => stage?.close());

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** What the dark can break: the page is the same but for its colours. */
const byColour = ["color-contrast", "link-in-text-block"];
const paths = () => Object.values(routes).map(([path]) => path);

async function opened({ page, open }: Visit, [path, ready]: Route): Promise<void> {
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
    // Pictures take their time.
    shots === undefined ? 480_000 : 960_000,
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
