import type { ActionReceipt, RunView } from "@countersign/client";
import { describe, expect, it } from "vitest";
import { handsOn } from "./custody.ts";

type Move = ActionReceipt["what"]["moves"][number];
const at = "2026-11-26T06:00:00Z";
const move = (kind: string, to: string | null, person?: string): Move => ({
  at,
  recordedAt: at,
  kind,
  from: null,
  to,
  ...(person === undefined ? {} : { person }),
});

function receipt(moves: readonly Move[], more: Partial<ActionReceipt> = {}): ActionReceipt {
  return {
    id: "act_1",
    disclosed: true,
    what: { agent: "scribe", dri: "dri@x", owner: "owner@x", run: "run_1", sentence: "", moves },
    data: { system: "files" },
    policy: {},
    approvals: { answers: [] },
    reversal: {},
    ...more,
  } as unknown as ActionReceipt;
}
const told = (traces: Parameters<typeof handsOn>[0]) =>
  handsOn(traces).map(({ kind, who, did }) => `${kind} ${who} ${did}`);

describe("the hands on an action", () => {
  it("are all told where one person does it all in a session that nobody opened", () => {
    const run = { id: "run_1", opened: null } as unknown as RunView;
    expect(
      told({ receipt: receipt([move("intent", "running"), move("outcome", "done")]), run, writers: ["w1", "w1"] }),
    ).toEqual([
      "person dri@x answers for the workflow",
      "person owner@x owns the agent",
      "plane the plane made up its run: nobody opened one",
      "agent scribe asked for it",
      "plane the plane let it through and sent it once, its process `w1`",
      "system files carried it out",
    ]);
  });

  it("are each told once where it was refused, cancelled, lost and settled", () => {
    expect(told({ receipt: receipt([move("refused", "refused")]) }).at(-1)).toBe("plane the plane refused it");
    expect(told({ receipt: receipt([move("held", "held"), move("refused", "refused", "bo@x")]) }).at(-1)).toBe(
      "person bo@x cancelled it",
    );
    const lost = [move("intent", "running"), move("unknown", "unknown"), move("settled", "done", "bo@x")];
    expect(told({ receipt: receipt(lost) }).slice(-2)).toEqual([
      "system files never answered",
      "person bo@x found out what became of it: done",
    ]);
  });

  it("MT-196 tell an edit by the approver who made it, on both sides, and not as a cancellation", () => {
    const ended = receipt([move("held", "held"), move("refused", "refused", "bo@x")]);
    const edit = { action: "act_2", by: "bo@x", reason: "safer" };
    const away = handsOn({ receipt: { ...ended, what: { ...ended.what, editedTo: edit } } }).at(-1);
    expect(away).toMatchObject({ who: "bo@x", did: "edited it into another call", to: "/actions/act_2" });
    const made = receipt([move("held", "held"), move("intent", "running")]);
    const hands = handsOn({ receipt: { ...made, what: { ...made.what, editOf: { ...edit, action: "act_1" } } } });
    expect(hands.slice(2, 4)).toEqual([
      { kind: "agent", who: "scribe", did: "asked for the call that it was made of", to: "/actions/act_1" },
      { kind: "person", who: "bo@x", did: "edited that call into this one", at },
    ]);
    expect(told({ receipt: { ...ended, disclosed: false } }).at(-1)).toBe("person bo@x ended it: how was erased");
  });

  it("MT-196 tell whoever asked back, the agent that replied, and the agent that took it back", () => {
    const asked = receipt([
      move("held", "held"),
      move("asked", "held", "bo@x"),
      move("replied", "held"),
      move("refused", "refused"),
    ]);
    const what = { ...asked.what, sentence: "scribe was refused (cancelled) files.write_file on a.md" };
    expect(told({ receipt: { ...asked, what } }).slice(-3)).toEqual([
      "person bo@x asked its agent back",
      "agent scribe replied to what it was asked back",
      "agent scribe took it back",
    ]);
  });

  it("tell who vouched for an approver, and whom the agent acted for", () => {
    const answers = [{ person: "bo@x", verdict: "approve", as: "as DRI", at, vouchedBy: ["ana@x"] }];
    const shown = receipt([move("held", "held"), move("approved", null, "bo@x")], {
      approvals: { sentence: "", answers, shown: [] },
    });
    const acting = { ...shown, what: { ...shown.what, onBehalfOf: "cy@x" } };
    expect(told({ receipt: acting }).slice(2)).toEqual([
      "person cy@x had the agent act",
      "agent scribe asked for it",
      "person ana@x let in somebody who answered",
      "person bo@x approved it as DRI",
    ]);
  });
});
