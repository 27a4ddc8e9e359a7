import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FakeSlack, type Posted } from "../support/fake-slack.ts";
import { type NoticePlane, openNoticePlane } from "../support/notice-plane.ts";
import { ana, bo, until } from "../support/plane.ts";
import { Receiver } from "../support/receiver.ts";

const slack = new FakeSlack();
const room = new Receiver();
let plane: NoticePlane;

beforeAll(async () => {
  await slack.open();
  await room.open();
  const on = ["approval", "ended"];
  plane = await openNoticePlane({
    workflow: (text) => `${text}\nchat: low-risk\n`,
    notifications: [
      {
        name: "bot",
        kind: "slack",
        bot: "slack/bot",
        signing: "slack/signing",
        api: slack.api,
        people: { UANA: ana, UBO: bo },
        on,
      },
      { name: "room", kind: "slack", webhook: "slack/room", on },
      { name: "team", kind: "teams", webhook: "teams/team", on },
    ],
    secrets: {
      "slack/bot": slack.bot,
      "slack/signing": slack.signing,
      "slack/room": `${room.url}/services/slack`,
      "teams/team": `${room.url}/workflows/teams`,
    },
  });
});
afterAll(async () => {
  await plane?.close();
  await Promise.all([slack.close(), room.close()]);
});
beforeEach(() => {
  slack.said.length = 0;
});

let calls = 0;
/** A page that is there already: what it says now is put back to undo it. */
const hold = (content = `text ${++calls}`) => plane.hold(content, "welcome.md");
const press = (...given: Parameters<FakeSlack["press"]>) =>
  plane.call("POST", "/v1/slack/interactions", slack.press(...given));
const stateOf = async (action: string) =>
  (await plane.call("GET", `/v1/actions/${action}`, { key: await plane.person(ana) })).json;
const message = (user: string, action: string): Promise<Posted> =>
  until(async () => slack.messageTo(user, action), 30_000);
const buttons = (posted: Posted) =>
  posted.blocks.flatMap(({ elements = [] }) => elements.filter(({ value }) => value !== undefined));
const button = (posted: Posted, name: "approve" | "deny") => {
  const found = buttons(posted).find(({ action_id }) => action_id === name);
  if (found === undefined) throw new Error(`there is no button ${name}`);
  return found;
};

describe("what is of low risk", () => {
  it("is shown whole to each person in their own message, and answered there", async () => {
    const action = await hold("a small page");
    const posted = await message("UBO", action);
    expect(JSON.stringify(posted.blocks)).toContain("a small page");
    const { status, text } = await press("UBO", button(posted, "approve"));
    expect([status, text]).toEqual([200, ""]);
    expect(slack.said).toEqual(["Approved."]);
    const done = await until(async () => {
      const view = await stateOf(action);
      return view.state === "done" ? view : undefined;
    });
    const { json } = await plane.call("GET", done.receipt, { key: await plane.person(ana) });
    expect(json.approvals.answers).toMatchObject([{ person: bo, method: "slack", verdict: "approve" }]);
  });

  it("is denied with a reason, which goes back to the agent, and not without one", async () => {
    const action = await hold();
    const posted = await message("UANA", action);
    await press("UANA", button(posted, "deny"));
    expect(slack.said.at(-1)).toContain("a denial needs a reason");
    expect((await stateOf(action)).state).toBe("held");
    await press("UANA", button(posted, "deny"), { why: "not today" });
    expect(await stateOf(action)).toMatchObject({ state: "refused", sentence: `denied by ${ana}: not today` });
  });

  it("is answered by whom it was sent to and by nobody else", async () => {
    const action = await hold();
    const [mine, theirs] = [await message("UANA", action), await message("UBO", action)];
    await press("UANA", button(theirs, "approve"));
    expect(slack.said.at(-1)).toContain("this was sent to somebody else");
    await press("USTRANGER", button(mine, "approve"));
    expect(slack.said.at(-1)).toContain("do not say who you are");
    const { value = "" } = button(mine, "approve");
    const [text = "", mac = ""] = value.split(".");
    const said = JSON.parse(Buffer.from(text, "base64url").toString());
    const other = Buffer.from(JSON.stringify({ ...said, person: bo })).toString("base64url");
    for (const forged of [
      `${other}.${mac}`,
      text,
      "",
      `${text}.${Buffer.alloc(32).toString("base64url")}`,
      `${value}.x`,
    ]) {
      await press("UBO", { action_id: "approve", value: forged });
      expect(slack.said.at(-1), forged).toContain("not one of ours");
    }
    expect((await stateOf(action)).state).toBe("held");
  });

  it("is never believed without Slack's own signature, or an old one", async () => {
    const action = await hold();
    const posted = await message("UBO", action);
    const good = slack.press("UBO", button(posted, "approve"));
    const all = [
      slack.press("UBO", button(posted, "approve"), { signing: "another secret" }),
      slack.press("UBO", button(posted, "approve"), { atMs: Date.now() - 301_000 }),
      { ...good, raw: `${good.raw}&x=1` },
      { raw: good.raw, headers: { "content-type": "application/x-www-form-urlencoded" } },
    ];
    for (const one of all) expect((await plane.call("POST", "/v1/slack/interactions", one)).status).toBe(401);
    expect((await stateOf(action)).state).toBe("held");
    expect(slack.said).toEqual([]);
    const nonsense = slack.press("UBO", { action_id: "x".repeat(300) });
    expect((await plane.call("POST", "/v1/slack/interactions", nonsense)).status).toBe(400);
    expect((await plane.call("GET", "/v1/slack/interactions")).status).toBe(405);
  });

  it("that was answered, or is shown to nobody any more, is not answered again by an old button", async () => {
    const action = await hold();
    const posted = await message("UBO", action);
    await plane.answerAs(ana, action, "deny");
    await press("UBO", button(posted, "approve"));
    expect(slack.said.at(-1)).toContain("no longer waits");

    const second = await hold();
    const old = await message("UBO", second);
    await plane.database.owner.query("delete from approval_shown where action = $1", [second]);
    await press("UBO", button(old, "approve"));
    expect(slack.said.at(-1)).toContain("you were not shown this");
    expect((await stateOf(second)).state).toBe("held");
  });
});

describe("what is of more than low risk", () => {
  it("has a link and no button: what does not fit whole, or hides something", async () => {
    for (const content of ["x".repeat(5_000), "hid\u202eden", "a\u200bb"]) {
      const action = await hold(content);
      const posted = await message("UBO", action);
      expect(buttons(posted)).toEqual([]);
      expect(posted.blocks.at(-1)?.elements).toMatchObject([
        { action_id: "open", url: `${plane.url}/inbox/${action}` },
      ]);
    }
  });

  it("is not answered by a button of before, once the workflow no longer says so", async () => {
    const action = await hold();
    const posted = await message("UBO", action);
    const { files } = plane.running.control.keeper.loaded();
    const name = "workflows/docs-upkeep.yaml";
    const { json } = await plane.call("POST", "/v1/workspace/apply", {
      key: await plane.person(ana),
      body: { files: { ...files, [name]: (files[name] ?? "").replace("chat: low-risk", "chat: off") } },
    });
    const signed = { key: await plane.person(bo), body: { digest: json.plan.to } };
    expect((await plane.call("POST", `/v1/proposals/${json.proposal}/sign`, signed)).status).toBe(200);
    await press("UBO", button(posted, "approve"));
    expect(slack.said.at(-1)).toContain("open the link and answer there");
    expect((await stateOf(action)).state).toBe("held");
    expect(buttons(await message("UBO", await hold()))).toEqual([]);
  });
});

it("MT-15 a shared room and Teams get cards whose one action opens the console", async () => {
  const action = await hold("for all");
  const [inRoom, card] = await until(async () => {
    const found = room.all.filter(({ body }) => body.includes(action));
    return found.length === 2 ? found.toSorted((a, b) => a.path.localeCompare(b.path)) : undefined;
  });
  expect([inRoom?.path, card?.path]).toEqual(["/services/slack", "/workflows/teams"]);
  expect(buttons(inRoom?.json)).toEqual([]);
  expect(card?.json).toMatchObject({
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        content: {
          type: "AdaptiveCard",
          version: "1.5",
          actions: [{ type: "Action.OpenUrl", url: `${plane.url}/inbox/${action}` }],
        },
      },
    ],
  });
});

it("what Slack's API refuses with status 200 counts as not sent", async () => {
  slack.wrong = "channel_not_found";
  const action = await hold();
  const key = await plane.person(bo);
  const dead = await until(async () => {
    const { json } = await plane.call("GET", `/v1/notices?state=dead&subject=${action}`, { key });
    return json.notices.length === 2 ? json.notices : undefined;
  });
  expect(dead[0].fault).toBe("Slack did not take it: `channel_not_found`");
  slack.wrong = undefined;
  expect(JSON.stringify(dead)).not.toContain(slack.bot);
});
