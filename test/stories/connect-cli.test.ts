import { afterAll, beforeAll, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { openTestCli, type Started, type TestCli } from "../support/cli.ts";
import { type ConnectedPlane, openConnectedPlane } from "../support/connected-plane.ts";
import { PlainBrowser } from "../support/plain-browser.ts";
import { bo, until } from "../support/plane.ts";

let world: ConnectedPlane;
let cli: TestCli;
beforeAll(async () => {
  world = await openConnectedPlane({ for: "person" });
  cli = openTestCli({ COUNTERSIGN_URL: world.plane.url });
  const link = (await invite(world.plane.running.control, "countersign", bo)).shownOnce.reveal();
  const input = `${world.plane.url}/login?link=${link}\n`;
  expect((await cli.run(["login"], { input })).exit).toBe(0);
});
afterAll(async () => {
  cli?.close();
  await world?.close();
});

const addressIn = (started: Started) =>
  until(async () => /^(http:\S+\/connect\/cns_[0-9a-z]{26})$/m.exec(started.said())?.[1]);

it("prints the address, asks for the code that the browser shows, and ends when it is connected", async () => {
  const started = cli.start(["tools", "connect", "tickets"]);
  const browser = new PlainBrowser();
  const shown = await browser.submit(await browser.go(await addressIn(started)));
  const code = /<pre>([^<]+)<\/pre>/.exec(shown.text)?.[1] ?? "";
  await until(async () => (started.said().includes("type the code that the browser shows") ? true : undefined));
  started.type("2222-2222\n");
  await until(async () => (started.said().includes("that is not the code") ? true : undefined));
  // As it is read aloud: small letters, no line between.
  started.type(`${code.toLowerCase().replace("-", " ")}\n`);
  const next = await until(async () => {
    const page = await browser.follow(shown, /^\/connect\//);
    return page.text.includes("/auth?") ? page : undefined;
  });
  await world.consent(browser, await browser.follow(next, /\/auth\?/), "bo-at-tickets");
  const ended = await started.ended;
  expect(ended.exit, ended.stderr).toBe(0);
  expect(ended.stdout).toBe(`connected tickets for ${bo}\n`);
});

it("lists what is connected, for whom and until when, and never a token", async () => {
  await world.review();
  await world.call(await world.keyFor(bo), "whoami");
  const shown = await cli.run(["tools", "connections"]);
  expect(shown.stdout).toMatch(/^server {2,}for {2,}by {2,}since \(UTC\) {2,}token until \(UTC\) {2,}works\n/);
  expect(shown.stdout).toMatch(/^tickets {2,}bo@acme\.example {2,}bo@acme\.example .*, then renewed {2,}yes$/m);
  const { json, stdout } = await cli.run(["--json", "tools", "connections", "tickets"]);
  expect(json.connections).toMatchObject([{ server: "tickets", person: bo, workflow: null, renewable: true }]);
  for (const header of world.upstream.presented) expect(stdout).not.toContain(header.slice(7) || "no token");
  expect((await cli.run(["--json", "tools", "connections", "files"])).json).toEqual({ connections: [] });
});

it("ends a connection by its server's name, says whether its server was told, and finds nothing the second time", async () => {
  const ended = await cli.run(["tools", "disconnect", "tickets"]);
  expect(ended.exit, ended.stderr).toBe(0);
  expect(ended.stdout).toContain("disconnected tickets; its tokens are destroyed here");
  expect(ended.stdout).toContain("was told and has ended them too");
  const again = await cli.run(["--json", "tools", "disconnect", "tickets"]);
  expect(again.exit).toBe(5);
  expect(JSON.parse(again.stderr).detail).toContain(`is not connected for you`);
});

it("with --no-wait only begins; with --json answers once, at the end; a consent that was denied is no success", async () => {
  const begun = await cli.run(["--json", "tools", "connect", "tickets", "--no-wait"]);
  expect(begun.json).toMatchObject({ server: "tickets", person: bo, workflow: null });
  expect(begun.json.url).toContain(begun.json.id);
  const started = cli.start(["--json", "tools", "connect", "tickets"]);
  const browser = new PlainBrowser();
  const shown = await browser.submit(await browser.go(await addressIn(started)));
  started.type(`${/<pre>([^<]+)<\/pre>/.exec(shown.text)?.[1]}\n`);
  const next = await until(async () => {
    const page = await browser.follow(shown, /^\/connect\//);
    return page.text.includes("/auth?") ? page : undefined;
  });
  await browser.follow(await browser.follow(next, /\/auth\?/), /\/abort$/);
  const ended = await started.ended;
  expect(ended.exit).toBe(6);
  expect(ended.stdout).toBe("");
  expect(ended.stderr).toContain("was denied there");
  const unknown = await cli.run(["tools", "connect", "tickets", "--workflow", "docs-upkeep"]);
  expect(unknown.exit).toBe(2);
});
