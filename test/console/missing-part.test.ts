import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

it("a part that did not come is asked for anew by Try again, and by coming back to the page", async () => {
  const { page, open } = await stage.logIn(ana);
  await open("/inbox");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.route("**/assets/agents-*", (route) => route.abort());
  await page.click("nav.rail >> text=Agents");
  const said = page.locator("main [role=alert]");
  await said.waitFor();
  expect(await said.textContent()).toContain("A part of this page did not come. Try again, or load the page again");
  const before = asked.filter((path) => path.startsWith("/assets/agents-")).length;
  await said.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => asked.filter((path) => path.startsWith("/assets/agents-")).length).toBeGreaterThan(before);
  await said.waitFor();
  await page.unroute("**/assets/agents-*");
  await said.getByRole("button", { name: "Try again" }).click();
  await page.waitForSelector("main h1:has-text('Agents')");
  // A view of the inbox falls alone, and is whole once it is come back to.
  await page.route("**/assets/load-*", (route) => route.abort());
  await page.click("nav.rail >> text=Inbox");
  await page.click("main nav >> text=Load");
  await said.waitFor();
  await page.unroute("**/assets/load-*");
  await page.click("main nav >> text=Waiting");
  await said.waitFor({ state: "detached" });
  await page.click("main nav >> text=Load");
  await page.waitForSelector("main h2");
  expect(await said.count()).toBe(0);
});

it("a request stays, with what was written, where its dialogs do not come", async () => {
  const id = await stage.held("no-dialogs.md");
  const { page, open } = await stage.logIn(bo);
  await page.route("**/assets/answer-dialogs-*", (route) => route.abort());
  await open(`/inbox/${id}`);
  await page.fill("main textarea", "why at night?");
  await page.click('section.answer button:has-text("Ask back"):not(:disabled)');
  const said = page.locator("section.answer [role=alert]");
  await said.getByText("A part of this page did not come.").waitFor();
  expect(await page.inputValue("main textarea")).toBe("why at night?");
  await page.unroute("**/assets/answer-dialogs-*");
  await said.getByRole("button", { name: "Try again" }).click();
  const dialog = page.locator("dialog[open]");
  await dialog.getByRole("heading", { name: "Ask back" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await page.locator("section.answer button:not(:disabled)").count()).toBeGreaterThan(2);
});

it("a server that does not answer is said to be just that", async () => {
  const { page, open } = await stage.logIn(ana);
  await open("/inbox");
  await page.route("**/assets/people-*", (route) => route.abort());
  await page.route(`${stage.plane.url}/`, (route) => route.abort());
  await page.click("nav.rail >> text=People");
  const said = page.locator("main [role=alert]");
  await said.waitFor();
  expect(await said.textContent()).toContain("The server did not answer, so a part of this page is missing.");
  await page.unroute("**/assets/people-*");
  await said.getByRole("button", { name: "Try again" }).click();
  await page.waitForSelector("main h1:has-text('People')");
});

it("a page from before the server was renewed says so, and loses nothing when it is loaded again", async () => {
  const id = await stage.held("renewed.md");
  const { page, open } = await stage.logIn(bo);
  await open(`/inbox/${id}`);
  await page.fill("main textarea", "it is right, as far as I can see");
  await page.route("**/assets/tools-*", (route) => route.fulfill({ status: 404, body: "there is no such file\n" }));
  await page.route(`${stage.plane.url}/`, (route) =>
    route.fulfill({ contentType: "text/html", body: '<script type="module" src="/assets/index-newer.js"></script>' }),
  );
  await page.click("nav.rail >> text=Tools");
  const said = page.locator("main [role=alert]");
  await said.waitFor();
  expect(await said.textContent()).toContain("The server was renewed, and this page is from before.");
  expect(await said.textContent()).toContain("what you wrote here is kept, and nothing was done");
  await page.unroute("**/assets/tools-*");
  await page.unroute(`${stage.plane.url}/`);
  await said.getByRole("button", { name: "Load the page again" }).click();
  await page.waitForSelector("main h1:has-text('Tools')");
  await open(`/inbox/${id}`);
  expect(await page.inputValue("main textarea")).toBe("it is right, as far as I can see");
});
