import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bo, until } from "../support/plane.ts";
import { holdReadings } from "./hold-readings.ts";
import { type ConsoleStage, openConsole, type Visit } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole({
    edit: {
      "workflows/docs-upkeep.yaml": (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("exclude: [requester]\n", "exclude: [requester]\n    grants: true\n")
          .replace(
            "  - tool: files.edit_file\n    from: editors\n",
            "  - tool: files.edit_file\n    from: editors\n    passkey: true\n",
          ),
    },
  });
});
afterAll(() => stage?.close());

async function view(id: string) {
  return (await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe })).json;
}
const becomes = (id: string, state: string) => until(async () => ((await view(id)).state === state ? true : undefined));

/** A write over a page that is there, so that it can be undone. */
async function overwrite(name: string): Promise<string> {
  writeFileSync(join(stage.plane.folder, "sandbox", name), "before\n");
  return stage.held(name, { content: "after\n" });
}

async function cancel(id: string): Promise<void> {
  const key = await stage.plane.person(bo);
  await stage.plane.call("POST", `/v1/actions/${id}/cancel`, { key, body: { reason: "anew" } });
}

async function shown(id: string): Promise<Visit> {
  const visit = await stage.logIn(bo);
  await visit.open(`/inbox/${id}`);
  await visit.page.waitForSelector("section.answer button:not(:disabled)");
  return visit;
}

it("shows what changes before anything else, line by line", async () => {
  const id = await overwrite("effect.md");
  const { page } = await shown(id);
  expect(await page.locator("table.diff .gone").textContent()).toContain("before");
  expect(await page.locator("table.diff .new").textContent()).toContain("after");
  const text = (await page.textContent("article")) ?? "";
  expect(text.indexOf("What it does")).toBeLessThan(text.indexOf("Why you are asked"));
});

it("asks the agent back; its reply is shown as a claim", async () => {
  const id = await overwrite("asked.md");
  const { page } = await shown(id);
  await page.click('section.answer button:has-text("Ask back")');
  await page.fill("dialog[open] textarea", "who wants this?");
  await page.click('dialog[open] button:has-text("Ask")');
  await page.waitForSelector("text=The agent has not replied yet");
  expect((await view(id)).sentence).toContain("who wants this?");
  await stage.plane.call("POST", `/v1/actions/${id}/reply`, {
    key: stage.scribe,
    body: { reply: "the <b>reader</b>" },
  });
  await page.waitForSelector('.claim:has-text("the <b>reader</b>")');
  // The page that was read before the reply is another: it says so, and nothing was answered.
  await page.waitForSelector("text=This request changed while it was open");
});

it("edits and approves: another call runs, and the first names it", async () => {
  const id = await overwrite("edited.md");
  const { page } = await shown(id);
  await page.click("text=Edit and approve …");
  const args = JSON.parse(await page.inputValue("dialog[open] textarea"));
  await page.fill("dialog[open] textarea", JSON.stringify({ ...args, content: "a shorter one\n" }));
  await page.fill("dialog[open] input[name=reason]", "shorter");
  await page.click('dialog[open] button:has-text("Approve the edited call")');
  await page.waitForURL(/\/actions\/act_/);
  await becomes(id, "refused");
  const { editedTo } = await view(id);
  expect(page.url()).toContain(editedTo.action);
  await becomes(editedTo.action, "done");
});

it("says where an edit approved nothing, and shows what waits", async () => {
  const id = await overwrite("edited-elsewhere.md");
  const { page } = await shown(id);
  await page.click("text=Edit and approve …");
  const args = JSON.parse(await page.inputValue("dialog[open] textarea"));
  const path = args.path.replace("edited-elsewhere", "another");
  await page.fill("dialog[open] textarea", JSON.stringify({ ...args, path }));
  await page.fill("dialog[open] input[name=reason]", "that page instead");
  await page.click('dialog[open] button:has-text("Approve the edited call")');
  await becomes(id, "refused");
  const { editedTo } = await view(id);
  await page.waitForURL(`**/inbox/${editedTo.action}`);
  expect(await page.textContent(".outcome")).toMatch(/edited call waits, and you have not approved it.*another target/);
  expect((await view(editedTo.action)).state).toBe("held");
});

it("promises no approval by an edit where a passkey has to sign", async () => {
  const path = join(stage.plane.folder, "sandbox", "signed-edit.md");
  writeFileSync(path, "before\n");
  const body = {
    server: "files",
    tool: "edit_file",
    arguments: { path, edits: [{ oldText: "before", newText: "after" }] },
  };
  const { json } = await stage.plane.call("POST", "/v1/actions", { key: stage.scribe, body });
  const { page } = await shown(json.id);
  await page.click("text=Edit and approve …");
  expect(await page.textContent("dialog[open]")).toContain("it takes a passkey, so it waits");
  expect(await page.textContent("dialog[open]")).not.toContain("your approval counts");
  const args = { ...body.arguments, edits: [{ oldText: "before", newText: "otherwise" }] };
  await page.fill("dialog[open] textarea", JSON.stringify(args));
  await page.fill("dialog[open] input[name=reason]", "otherwise");
  await page.click('dialog[open] button:has-text("Make the edited call")');
  await becomes(json.id, "refused");
  const { editedTo } = await view(json.id);
  await page.waitForURL(`**/inbox/${editedTo.action}`);
  await page.waitForSelector(".outcome >> text=/you have not approved it by that/");
  expect((await view(editedTo.action)).state).toBe("held");
  await cancel(editedTo.action);
});

it("keeps what was begun in a dialog of one thing over the page being loaded anew, and shows it at no other", async () => {
  const id = await overwrite("begun.md");
  const { page, open } = await shown(id);
  const begin = () => page.click("text=Approve calls like this for a while …");
  await begin();
  await page.check('dialog[open] input[value="/content"]');
  await page.selectOption("dialog[open] select[name=forMs]", { label: "2 hours" });
  await page.fill("dialog[open] input[name=reason]", "a long day");
  await page.reload();
  await page.waitForSelector("section.answer button:not(:disabled)");
  await begin();
  expect(await page.isChecked('dialog[open] input[value="/content"]')).toBe(true);
  expect(await page.isChecked('dialog[open] input[value="/path"]')).toBe(false);
  expect(await page.inputValue("dialog[open] select[name=forMs]")).toBe("7200000");
  expect(await page.inputValue("dialog[open] input[name=reason]")).toBe("a long day");
  await cancel(id);
  await stage.plane.agent("scribe");
  await open("/agents/scribe");
  const revoke = (at: number) => page.locator('main button:has-text("Revoke")').nth(at).click();
  await page.locator('main button:has-text("Revoke")').nth(1).waitFor();
  await revoke(0);
  await page.fill("dialog[open] textarea", "it leaked");
  await page.reload();
  await page.locator('main button:has-text("Revoke")').nth(1).waitFor();
  await revoke(1);
  expect(await page.inputValue("dialog[open] textarea")).toBe("");
  await page.keyboard.press("Escape");
  await revoke(0);
  expect(await page.inputValue("dialog[open] textarea")).toBe("it leaked");
});

it("grants calls of a shape, and takes the grant back", async () => {
  const id = await overwrite("granted.md");
  const { page } = await shown(id);
  await page.click("text=Approve calls like this for a while …");
  await page.check('dialog[open] input[value="/content"]');
  await page.fill("dialog[open] input[name=reason]", "a busy day");
  await page.click('dialog[open] button:has-text("Grant")');
  await page.waitForURL(/\/inbox\/grants/);
  // The request that was looked at is one of them.
  await becomes(id, "done");
  await page.waitForSelector("text=/4 of 5 left/");
  const next = await stage.held("granted.md", { content: "the next one\n" });
  await becomes(next, "done");
  await page.waitForSelector("text=/3 of 5 left/");
  await page.click("text=Take it back");
  await page.fill("form input[name=reason]", "enough");
  await page.click("text=Take it back now");
  await page.waitForSelector("text=/revoked/");
  const after = await stage.held("granted.md", { content: "one more\n" });
  expect((await view(after)).state).toBe("held");
});

it("answers several that are alike once a sample of them was opened", async () => {
  for (const open of (await stage.plane.call("GET", "/v1/approvals", { key: await stage.plane.person(bo) })).json
    .approvals)
    await cancel(open.id);
  const ids = [await overwrite("a.md"), await overwrite("b.md"), await overwrite("c.md"), await overwrite("d.md")];
  const { page, open } = await stage.logIn(bo);
  await open("/inbox/batches");
  await page.waitForSelector("text=/Open 3 more of them first/");
  expect(await page.locator('button:has-text("Approve all 4")').isDisabled()).toBe(true);
  for (const id of ids.slice(0, 3)) {
    await open(`/inbox/${id}`);
    await page.waitForSelector("section.answer");
  }
  await open("/inbox/batches");
  const all = (count: number) => `button:has-text("Approve all ${count}"):not([disabled])`;
  await page.fill("main section input", "all of one kind");
  await page.click(all(4));
  // As with one request, nothing was sent yet, and the way back is where the keyboard is.
  await page.waitForSelector('button:has-text("Take it back")');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("Take it back");
  await page.keyboard.press("u");
  await page.waitForSelector(all(4));
  for (const id of ids) expect((await view(id)).state).toBe("held");
  // Another that is alike takes neither what was written nor what waits.
  const before = await holdReadings(page, "**/v1/approvals/batches");
  const late = await overwrite("e.md");
  await before.asked;
  await page.click(all(4));
  await page.waitForSelector('button:has-text("Take it back")');
  before.release();
  await page.waitForSelector('button:has-text("Approve all 5")');
  expect(await page.locator('button:has-text("Take it back")').count()).toBe(1);
  expect(await page.inputValue("main section input")).toBe("all of one kind");
  await page.keyboard.press("u");
  // One of them that ends while the answer waits takes it back, and that is said.
  await page.waitForSelector(all(5));
  const after = await holdReadings(page, "**/v1/approvals/batches");
  await cancel(late);
  await after.asked;
  await page.click(all(5));
  await page.waitForSelector('button:has-text("Take it back")');
  after.release();
  await page.waitForSelector(".outcome >> text=/was not sent, and nothing was answered/");
  for (const id of ids) expect((await view(id)).state).toBe("held");
  // One that ends while it is on its way is left out, and one may not count: both stay to be read, wherever one goes.
  await page.route("**/v1/approvals/batch", async (route) => {
    await cancel(ids[3] ?? "");
    const response = await route.fetch();
    const told = await response.json();
    const [first, ...rest] = told.answered;
    await route.fulfill({
      response,
      json: { ...told, answered: [{ ...first, notCounted: "you asked for it" }, ...rest] },
    });
  });
  await page.click(all(4));
  await page.click("text=Send now");
  await page.waitForSelector(".outcome >> text=/You approved 3 of 4 requests of files.write_file/");
  const outcome = (await page.textContent(".outcome")) ?? "";
  expect(outcome).toContain("your approval does not count: You asked for it.");
  expect(outcome).toMatch(/d\.md.*was left out: /s);
  for (const id of ids.slice(0, 3)) await becomes(id, "done");
  await page.click('nav[aria-label="Views of the inbox"] a:has-text("Grants")');
  expect(await page.textContent(".outcome")).toContain("You approved 3 of 4");
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("all of one kind");
});

it("does not put what changes a line together with what empties a text, and says what each changes", async () => {
  const ids = [await overwrite("line-1.md"), await overwrite("line-2.md")];
  for (const name of ["empty-1.md", "empty-2.md"]) {
    writeFileSync(join(stage.plane.folder, "sandbox", name), "a line\n".repeat(40));
    ids.push(await stage.held(name, { content: "" }));
  }
  const { page, open } = await stage.logIn(bo);
  await open("/inbox/batches");
  const parts = page.locator('main section[aria-label="2 requests of files.write_file"]');
  await parts.nth(1).waitFor();
  expect(await parts.count()).toBe(2);
  expect(await parts.first().textContent()).toContain("up to 10 lines added, up to 10 removed");
  expect(await parts.last().textContent()).toContain(
    "content: no lines added, up to 100 removed, up to 1,000 characters, and nothing that was there stays",
  );
  for (const id of ids) await cancel(id);
  // A bound on what one look reads is said.
  await page.route("**/v1/approvals/batches", (route) => route.fulfill({ json: { batches: [], unlooked: 4_940 } }));
  await open("/inbox/batches");
  await page.waitForSelector("text=4,940 more that may be alike were not opened to be compared");
});

it("going on to something else sends an answer to a batch", async () => {
  const ids = [await overwrite("f.md"), await overwrite("g.md")];
  const { page, open } = await stage.logIn(bo);
  await open("/inbox/batches");
  await page.fill("main section input", "not now");
  expect(await page.locator('button:has-text("Deny all 2")').isDisabled()).toBe(true);
  for (const id of ids) {
    await open(`/inbox/${id}`);
    await page.waitForSelector("section.answer");
  }
  await open("/inbox/batches");
  expect(await page.inputValue("main section input")).toBe("not now");
  await page.click('button:has-text("Deny all 2"):not([disabled])');
  await page.waitForSelector('button:has-text("Take it back")');
  await page.click('nav.rail a:has-text("Runs")');
  await page.waitForSelector(".outcome >> text=/You denied 2 requests/");
  for (const id of ids) await becomes(id, "refused");
  expect(page.url()).toContain("/runs");
});

it("approves with a passkey whose challenge is the approval, and one of another content is refused", async () => {
  const path = join(stage.plane.folder, "sandbox", "signed.md");
  writeFileSync(path, "before\n");
  const body = {
    server: "files",
    tool: "edit_file",
    arguments: { path, edits: [{ oldText: "before", newText: "after" }] },
  };
  const { json } = await stage.plane.call("POST", "/v1/actions", { key: stage.scribe, body });
  const { page, context, open } = await stage.logIn(bo);
  const device = await context.newCDPSession(page);
  await device.send("WebAuthn.enable");
  const made = await device.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await open(`/inbox/${json.id}`);
  await page.waitForSelector("text=you have none yet");
  await page.click("text=Register one");
  await page.fill("input[name=name]", "laptop");
  await Promise.all([page.waitForURL(`${stage.plane.url}/passkeys`), page.click("text=Register a passkey")]);
  await page.waitForSelector('li:has-text("laptop")');
  await open(`/inbox/${json.id}`);
  await page.waitForSelector("text=signs exactly what you see");
  // Put away, a passkey has signed nothing, and that is what is said.
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/answer")) sent.push(request.url());
  });
  const { authenticatorId } = made;
  await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.click('section.answer .deeds button:has-text("Approve")');
  await page.waitForSelector(".answer .trouble >> text=/passkey was not used. Nothing was sent/i");
  await page.waitForSelector(".outcome >> text=/was not given/");
  await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  await page.evaluate(() => Reflect.deleteProperty(Navigator.prototype, "credentials"));
  await page.click('section.answer .deeds button:has-text("Approve"):not(:disabled)');
  await page.waitForSelector(".answer .trouble >> text=/only from pages that came over https. Nothing was sent/i");
  expect(sent).toEqual([]);
  await open(`/inbox/${json.id}`);
  // What the passkey signs is replaced on its way by what would have been signed for another call.
  await page.route(`**/v1/approvals/${json.id}/answer`, async (route) => {
    const sent = route.request().postDataJSON();
    const other = Buffer.from(JSON.stringify({ type: "webauthn.get", challenge: "AAAA", origin: stage.plane.url }));
    sent.assertion.response.clientDataJSON = other.toString("base64url");
    await route.continue({ postData: JSON.stringify(sent) });
  });
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.click('section.answer .deeds button:has-text("Approve")');
  await page.waitForSelector(".answer .trouble");
  expect((await view(json.id)).state).toBe("held");
  await page.unroute(`**/v1/approvals/${json.id}/answer`);
  await page.waitForSelector('section.answer .deeds button:has-text("Approve"):not(:disabled)');
  await page.click('section.answer .deeds button:has-text("Approve")');
  await becomes(json.id, "done");
  const receipt = await stage.plane.call("GET", `/v1/receipts/${json.id}`, { key: await stage.plane.person(bo) });
  expect(receipt.json.approvals.sentence).toContain("signed with a passkey");
});

it("logs out, and nothing is shown any more", async () => {
  const { page, open } = await stage.logIn(bo);
  await open("/inbox");
  await page.click(".you summary");
  await page.click("text=Log out");
  await page.waitForSelector("text=You are not logged in");
});
