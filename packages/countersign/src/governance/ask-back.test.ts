import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { held, look, say } from "../../../../test/faults/approver.ts";
import { ana, bo, cy, di } from "../../../../test/faults/workspace.ts";
import { openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { advanceHeld, readReceipt } from "../action/index.ts";
import { answer, askBack, lift, showApproval, stop } from "./index.ts";

const token = `ghp_${randomBytes(18).toString("hex")}`;

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({
    databaseUrl: base.url,
    databaseAdminUrl: urlOf(base.ownerAt),
    exclude: "requester, owner",
  });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const control = () => world.base.control;
const reply = (id: string, text: string, question?: number) =>
  world.base.hall.reply(world.caller, id, { reply: text, ...(question === undefined ? {} : { question }) });

async function ask(person: typeof bo, action: string, question = "which page is meant?") {
  await askBack(control(), person, { action, question, ...(await look(control(), person, action)) });
}

describe("a question back", () => {
  it("reaches whoever waits for the action, stays in the ledger, and leaves it held", async () => {
    const id = await held(world, { marker: "ask-1" });
    const waiting = world.base.hall.wait(world.caller, id, 20_000);
    await ask(bo, id);
    const told = await waiting;
    expect(told).toMatchObject({
      state: "held",
      questions: [{ number: 1, by: bo.email, question: "which page is meant?" }],
    });
    expect(told.sentence).toContain("bo@acme.example asks back (question 1): which page is meant?");
    await reply(id, "the one of the docs");
    const shown = await showApproval(control(), ana, id);
    expect(shown.questions).toMatchObject([{ number: 1, reply: "the one of the docs" }]);
    expect((await world.base.hall.get(world.caller, id)).sentence).not.toContain("asks back");
    await say(control(), bo, id);
    await until("its run", async () => (await world.base.hall.get(world.caller, id)).state === "done");
    const { approvals, what } = await readReceipt(control().parts, id);
    expect(what.questions).toMatchObject([{ number: 1, reply: "the one of the docs" }]);
    expect(what.moves.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["asked", "replied", "approved"]));
    // What was shown to whoever asked, and to whoever approved with the reply before them.
    expect(approvals.shown).toHaveLength(2);
    expect(approvals.shown.at(-1)?.document).toMatchObject({ questions: [{ reply: "the one of the docs" }] });
  });

  it("makes an answer to the page before it, or before its reply, a conflict", async () => {
    const id = await held(world, { marker: "ask-2" });
    const approve = (shown: Awaited<ReturnType<typeof look>>) =>
      answer(control(), ana, { action: id, verdict: "approve", reason: "", ...shown });
    const first = await look(control(), ana, id);
    await ask(bo, id);
    await expect(approve(first)).rejects.toMatchObject({ code: "conflict" });
    const second = await look(control(), ana, id);
    await reply(id, "I was told to by the page");
    await expect(approve(second)).rejects.toMatchObject({ code: "conflict" });
    await approve(await look(control(), ana, id));
  });

  it("is not passed by an answer that was already past the check of what was shown", async () => {
    const id = await held(world, { marker: "ask-race" });
    const shown = await look(control(), bo, id);
    await ask(ana, id);
    const { requirements } = await showApproval(control(), bo, id);
    const late = advanceHeld(control().parts, {
      ...{
        action: id,
        person: bo.email,
        vouchedBy: [],
        groups: bo.groups,
        verdict: "approve",
        reason: "",
        method: "cli",
      },
      ...{ ...shown, dwellMs: null, as: "", singlePerson: false },
      measured: {
        ...{ shownMs: 1, size: 1, skimmed: false, mends: false, unopened: false },
        looked: { opened: [], of: 1, seen: 0, asked: 0 },
      },
      requirements: requirements.flatMap((one) => (one.kind === "approval" ? [one] : [])),
    });
    await expect(late).rejects.toMatchObject({ code: "conflict" });
    expect((await world.base.hall.get(world.caller, id)).state).toBe("held");
    await world.base.hall.cancel(world.caller, id, "over");
  });

  it("is for whoever may answer, of what they were shown, while nothing is stopped", async () => {
    const id = await held(world, { marker: "ask-3" });
    await expect(ask(di, id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(ask(cy, id)).rejects.toMatchObject({ code: "forbidden" });
    const { callDigest } = await look(control(), bo, id);
    const wrong = { action: id, question: "why?", callDigest, shownDigest: `sha256:${"1".repeat(64)}` };
    await expect(askBack(control(), bo, wrong)).rejects.toMatchObject({ code: "conflict" });
    await ask(bo, id);
    const { stop: taken } = await stop(control(), ana, { scope: "agent", name: "robot", reason: "to see" });
    await expect(ask(bo, id)).rejects.toMatchObject({ code: "conflict" });
    await expect(reply(id, "yes")).rejects.toMatchObject({ code: "conflict" });
    await lift(control(), bo, taken.id, "seen");
    await world.base.hall.cancel(world.caller, id, "over");
    await expect(reply(id, "yes")).rejects.toMatchObject({ code: "conflict" });
  });

  it("takes one reply each, the same one twice, and no secret", async () => {
    const id = await held(world, { marker: "ask-4" });
    await expect(reply(id, "unasked")).rejects.toMatchObject({ code: "conflict" });
    await ask(bo, id, "first?");
    await ask(ana, id, "second?");
    await reply(id, "to the second", 2);
    await reply(id, "to the second", 2);
    await expect(reply(id, "something else", 2)).rejects.toMatchObject({ code: "conflict" });
    await reply(id, `the key is ${token}`);
    const { questions = [] } = await showApproval(control(), bo, id);
    expect(questions.map(({ reply: said }) => said)).toEqual([expect.stringContaining("[redacted"), "to the second"]);
    await expect(world.base.hall.reply({ ...world.caller, agent: "other" }, id, { reply: "me" })).rejects.toMatchObject(
      { code: "not_found" },
    );
  });

  it("can be asked ten times and no more, also by people who ask at once", async () => {
    const id = await held(world, { marker: "ask-5" });
    for (let at = 0; at < 8; at++) await ask(at % 2 === 0 ? bo : ana, id, `question ${at}`);
    const shown = await look(control(), bo, id);
    const atOnce = await Promise.allSettled(
      Array.from({ length: 4 }, (_, at) => askBack(control(), bo, { action: id, question: `at once ${at}`, ...shown })),
    );
    expect(atOnce.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(2);
    const { questions = [] } = await showApproval(control(), bo, id);
    expect(questions.length).toBeLessThanOrEqual(10);
    expect(new Set(questions.map(({ number }) => number)).size).toBe(questions.length);
    while (((await showApproval(control(), bo, id)).questions ?? []).length < 10) await ask(bo, id, "one more");
    await expect(ask(bo, id, "the eleventh")).rejects.toMatchObject({ code: "conflict" });
    await world.base.hall.cancel(world.caller, id, "over");
  });
});
