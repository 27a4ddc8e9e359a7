import AxeBuilder from "@axe-core/playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nouns } from "../../packages/console/src/shell/nouns.ts";
import { routes as served } from "../../packages/countersign/src/doors/http/index.ts";
import { invite, loginCallbackPath } from "../../packages/countersign/src/governance/index.ts";
import { ana, bo } from "../support/plane.ts";
import { type Acted, actOn } from "./acted.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
let acted: Acted;
/** Pages that the server draws itself, by the route that draws them. */
let pages: readonly (readonly [route: string, path: string, heading: string])[] = [];
beforeAll(async () => {
  stage = await openConsole();
  acted = await actOn(stage);
  const { plane } = stage;
  const key = await plane.person(ana);
  const { files } = (await plane.call("GET", "/v1/workspace/files", { key })).json;
  const body = {
    files: { ...files, "countersign.yaml": files["countersign.yaml"].replace("name: Bo\n", "name: Bob\n") },
  };
  const { proposal } = (await plane.call("POST", "/v1/workspace/apply", { key, body })).json;
  const link = (await invite(plane.running.control, "countersign", bo)).shownOnce.reveal();
  const held = await stage.held("plain.md");
  pages = [
    ["/plain", "/plain", "Countersign"],
    ["/approvals/:id", `/approvals/${held}`, "scribe"],
    ["/proposals/:id", `/proposals/${proposal}`, "asks to put a workspace in force"],
    ["/receipts/:file", `/receipts/${acted.written}.html`, "Receipt of"],
    ["/receipts/:file", `/receipts/${acted.refused}.html`, "Receipt of"],
    ["/passkeys", "/passkeys", "Your passkeys"],
    ["/login", "/login", "Log in"],
    ["/login", `/login?link=${link}`, "Log in"],
    ["/login", "/login?link=of-nobody", "Log in"],
    ["/no/such/page", "/no/such/page", "There is nothing at this address"],
  ];
}, 120_000);
afterAll(() => stage?.close());

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What another server leads to: a provider's way back, and a connection to an upstream that has begun. */
const elsewhere = [loginCallbackPath, "/connect/:id"];

it("every page that the server draws itself is one of those that are looked at here", () => {
  const isShell = new Set(["/", ...nouns.map((noun) => `/${noun}`)]);
  const drawn = served.filter(
    ({ method, path, answers }) =>
      method === "GET" && !path.endsWith("*") && !isShell.has(path) && answers[200]?.type?.startsWith("text/html"),
  );
  const left = drawn.map(({ path }) => path).filter((path) => !elsewhere.includes(path));
  expect(left.filter((path) => !pages.some(([route]) => route === path))).toEqual([]);
  expect(left.length).toBeGreaterThan(4);
});

it.each([1280, 390])(
  "it has nothing against WCAG 2.2 AA in the light and in the dark, one heading, and is no wider than the screen: %i px",
  async (width) => {
    const { page } = await stage.logIn(ana, { width });
    for (const [, path, heading] of pages) {
      await page.goto(`${stage.plane.url}${path}`);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
        const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html.slice(0, 200)}`));
        expect(found, `${path}, ${colorScheme}`).toEqual([]);
      }
      expect(await page.locator("h1").allTextContents(), path).toEqual([expect.stringContaining(heading)]);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wider, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
    }
  },
  240_000,
);

it("passkeys and a proposal have a way back, and one to what stops", async () => {
  const { page } = await stage.logIn(ana);
  const proposal = pages.find(([route]) => route === "/proposals/:id")?.[1] ?? "";
  for (const [path, back, heading] of [
    ["/passkeys", "Back to the console", "People"],
    [proposal, "Everything that waits for a signature", "Waits for a second person"],
  ] as const) {
    for (const [words, title] of [
      [back, heading],
      ["Stop something", "Stops"],
    ] as const) {
      await page.goto(`${stage.plane.url}${path}`);
      await page.click(`nav >> text=${words}`);
      await page.waitForSelector(`main h1 >> text=${title}`);
    }
  }
});
