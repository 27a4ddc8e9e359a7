import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, cy } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

/** News change a request behind a dialog that is about it: nobody sends a yes from there to what they never looked at. */
let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole({
    edit: {
      "countersign.yaml": (text) => `${text}\napprovals: { canaries: { share: 0% }, breakGlass: { by: [${cy}] } }\n`,
      "workflows/docs-upkeep.yaml": (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("exclude: [requester]\n", "exclude: [requester]\n    grants: true\n"),
    },
  });
});
afterAll(() => stage?.close());

/** Somebody else asks back, as the request is now: that question is part of what is shown from then on. */
async function askElsewhere(id: string): Promise<void> {
  const key = await stage.plane.person(ana);
  const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${id}`, { key })).json;
  const body = { question: "who wants this?", callDigest, shownDigest };
  const { status, text } = await stage.plane.call("POST", `/v1/approvals/${id}/ask`, { key, body });
  expect(status, text).toBe(200);
}

const digestNow = async (id: string, email: string): Promise<string> =>
  (await stage.plane.call("GET", `/v1/approvals/${id}`, { key: await stage.plane.person(email) })).json.shownDigest;

interface Case {
  readonly opens: string;
  readonly by: string;
  readonly to: RegExp;
  /** A field that Enter sends from, where there is one. */
  readonly field?: string;
  write(dialog: Locator): Promise<void>;
  /** What it still says once it is opened again. */
  written(dialog: Locator): Promise<string>;
}

const reason = (dialog: Locator) => dialog.locator("[name=reason]");

const cases: readonly Case[] = [
  {
    opens: "Ask back",
    by: bo,
    to: /\/ask$/,
    write: (dialog) => dialog.locator("textarea").fill("what for?"),
    written: (dialog) => dialog.locator("textarea").inputValue(),
  },
  {
    opens: "Edit and approve …",
    by: bo,
    to: /\/edit$/,
    field: "[name=reason]",
    async write(dialog) {
      const args = JSON.parse(await dialog.locator("textarea").inputValue());
      await dialog.locator("textarea").fill(JSON.stringify({ ...args, content: "shorter\n" }));
      await reason(dialog).fill("what for?");
    },
    written: (dialog) => reason(dialog).inputValue(),
  },
  {
    opens: "Approve calls like this for a while …",
    by: bo,
    to: /\/v1\/grants$/,
    field: "[name=reason]",
    write: (dialog) => reason(dialog).fill("what for?"),
    written: (dialog) => reason(dialog).inputValue(),
  },
  {
    opens: "Break the glass …",
    by: cy,
    to: /\/break-glass$/,
    async write(dialog) {
      await reason(dialog).fill("what for?");
      await dialog.locator("input[name=alone]").check();
    },
    written: (dialog) => reason(dialog).inputValue(),
  },
];

it.each(cases)(
  "`$opens` sends nothing once the request changed behind its dialog, and says so",
  async ({ opens, by, to, field, write, written }) => {
    const name = `${opens.replaceAll(/\W/g, "")}.md`;
    writeFileSync(join(stage.plane.folder, "sandbox", name), "before\n");
    const id = await stage.held(name, { content: "after\n" });
    const { page, open } = await stage.logIn(by);
    const sent: { readonly shownDigest: string }[] = [];
    page.on("request", (request) => {
      if (request.method() === "POST" && to.test(request.url())) sent.push(request.postDataJSON());
    });
    await open(`/inbox/${id}`);
    const opener = page.locator("article button", { hasText: opens });
    await opener.click();
    const dialog = page.locator("dialog[open]");
    const sends = dialog.locator("button[type=submit]");
    await write(dialog);
    expect(await sends.getAttribute("aria-disabled")).toBe(null);

    await askElsewhere(id);
    await dialog.getByRole("alert").getByText("The request changed after you opened this.").waitFor();
    expect(await sends.getAttribute("aria-disabled")).toBe("true");
    // Not by the keyboard either; what is written can still be changed.
    await sends.focus();
    await page.keyboard.press("Enter");
    if (field !== undefined) await dialog.locator(field).press("Enter");
    expect(await dialog.locator(".deeds button").last().textContent()).toBe("Not now");

    await dialog.getByRole("button", { name: "Show me what changed" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement?.matches("article h2.sentence") === true);
    await page.getByText("This request changed while it was open.").waitFor();
    await page.locator("section[aria-label='Question 1'] >> text=who wants this?").waitFor();
    expect(sent).toEqual([]);
    expect((await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe })).json.state).toBe("held");

    // Whoever has looked goes on where they were, and sends what they saw.
    await opener.click();
    await dialog.waitFor();
    expect(await written(dialog)).toBe("what for?");
    expect(await dialog.getByRole("alert").count()).toBe(0);
    const now = await digestNow(id, by);
    await sends.click();
    await expect.poll(() => sent.map(({ shownDigest }) => shownDigest)).toEqual([now]);
  },
);
