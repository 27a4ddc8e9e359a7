import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, cy, until } from "../support/plane.ts";
import { type Acted, actOn } from "./acted.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
let acted: Acted;
const commit = "4f2a91c08be7d3650f1e2a7b9c8d4e6f10a2b3c4";
beforeAll(async () => {
  stage = await openConsole();
  acted = await actOn(stage);
});
afterAll(() => stage?.close());

it("MT-257 whatever is pasted finds the receipt: an address, a ticket, a commit, a flag key, a path, words, an id", async () => {
  const texts = {
    address: ["see https://git.acme.example/site/pull/812?diff=split", "https://git.acme.example/site/pull/812"],
    ticket: ["closes HELP-9127", "did anybody look at HELP-9127 yesterday?"],
    commit: [`built from ${commit}`, commit.slice(0, 10)],
    flag: ["turns new-checkout-flow on", "new-checkout-flow"],
    words: ["the quarterly numbers of the northern branch", '"quarterly numbers of the northern"'],
    path: ["a page", "pages/path.md"],
  } as const;
  const ids = new Map<string, string>();
  for (const [name, [content]] of Object.entries(texts))
    ids.set(
      name,
      (await acted.call("write_file", { path: acted.path(`${name}.md`), content: `${content}\n` }, acted.run)).id,
    );
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open("/find");
  for (const [name, [, pasted]] of Object.entries(texts)) {
    await page.fill("#find", pasted);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/actions/${ids.get(name)}*`);
    await page.waitForSelector(".question");
    expect(await page.textContent(".crumbs")).toContain("the only one that fits what you pasted");
  }
  await page.fill("#find", acted.written);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/actions/${acted.written}*`);
  expect(visit.faults).toEqual([]);
});

it("several results say how the text was understood; going back from an opened one does not lead on again", async () => {
  const visit = await stage.logIn(ana);
  const { page } = visit;
  await visit.open("/inbox");
  await page.fill("#find", "scribe");
  await page.keyboard.press("Enter");
  await page.waitForSelector("ul.rows a.row");
  expect(await page.textContent("main")).toContain("Understood as the name of an agent");
  await page.fill("#find", acted.run);
  await page.keyboard.press("Enter");
  await page.click("text=Open the run itself");
  await page.waitForURL(`**/runs/${acted.run}`);
  await page.fill("#find", acted.read);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/actions/${acted.read}*`);
  await page.goBack();
  await page.waitForURL(`**/runs/${acted.run}`);
  await page.goForward();
  await page.click(".crumbs >> text=The search");
  await page.waitForSelector("ul.rows a.row");
  expect(new URL(page.url()).pathname).toBe("/find");
});

it("what found nothing and is searched again opens the one result that it has by then", async () => {
  const { page, open } = await stage.logIn(ana);
  await open("/inbox");
  const find = async (text: string): Promise<void> => {
    await page.fill("#find", text);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/find?q=${text}`);
  };
  await find("HELP-8341");
  await page.waitForSelector(".empty");
  await find("scribe");
  await page.waitForSelector("ul.rows a.row");
  const { id } = await acted.call(
    "write_file",
    { path: acted.path("later.md"), content: "closes HELP-8341\n" },
    acted.run,
  );
  const key = await stage.plane.person(ana);
  await until(async () => {
    const { json } = await stage.plane.call("GET", "/v1/lookup?q=HELP-8341", { key });
    return json.actions.length === 1 ? true : undefined;
  });
  await page.fill("#find", "HELP-8341");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/actions/${id}?found=HELP-8341`);
});

it("nothing found says what to try, and an empty search teaches what can be pasted", async () => {
  const visit = await stage.logIn(cy);
  const { page } = visit;
  await visit.open("/find?q=zzz-nothing-says-this");
  await page.waitForSelector(".empty");
  expect(await page.textContent(".empty")).toContain("try fewer of them");
  await visit.open("/find");
  expect(await page.textContent(".empty")).toContain("the address of a pull request");
  const hostile = "<img src=x onerror=alert(1)>\u202e";
  await visit.open(`/find?q=${encodeURIComponent(hostile)}`);
  expect(await page.textContent("h1")).toContain("<img src=x onerror=alert(1)>⟨U+202E⟩");
  expect(await page.locator("main img").count()).toBe(0);
  expect(visit.faults).toEqual([]);
});

/** The ledger grows, and what it grew by is in a checkpoint. */
async function growSealed(): Promise<void> {
  const key = await stage.plane.person(cy);
  const state = async () => (await stage.plane.call("GET", "/v1/ledger/state", { key })).json;
  const before = (await state()).sealed?.size ?? 0;
  await acted.call("list_directory", { path: acted.path(".") }, acted.run);
  await until(async () => {
    const { sealed, behind } = await state();
    return sealed !== null && sealed.size > before && behind === 0 ? true : undefined;
  });
}

it("the ledger says how far it is, proves that it only grew, and notices a past that changed", async () => {
  const visit = await stage.logIn(cy);
  const { page } = visit;
  await visit.open("/ledger");
  await page.waitForSelector("text=for the first time");
  await growSealed();
  await page.click("text=Verify again");
  await page.waitForSelector("text=The ledger only grew");
  // A server that proves something else.
  await growSealed();
  await page.route("**/v1/ledger/consistency*", async (route) => {
    const answer = await route.fetch();
    const { proof, ...rest } = await answer.json();
    await route.fulfill({
      response: answer,
      json: { ...rest, proof: proof.toReversed().map(() => Buffer.alloc(32, 7).toString("base64")) },
    });
  });
  await page.click("text=Verify again");
  await page.waitForSelector("text=The ledger is not what this browser saw before.");
  await page.unroute("**/v1/ledger/consistency*");
  // A server that signs with another key than this browser has seen.
  await page.evaluate(() => {
    const [name = ""] = Object.keys(localStorage).filter((key) => key.startsWith("countersign.log."));
    localStorage.setItem(name, JSON.stringify({ keys: [] }));
  });
  await visit.open("/ledger");
  await page.waitForSelector("text=a key that this browser has not seen before");
  await page.click("text=Trust this key");
  await page.waitForSelector("text=for the first time");
  await page.fill("input[name=id]", acted.written);
  await page.click("text=Who has read it");
  await page.waitForSelector("main ul:last-of-type, main p.quiet:has-text('Nobody')");
});
