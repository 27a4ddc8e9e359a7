import type { DecisionInput, Json } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import type { Subject } from "../ledger/read.ts";
import { type AnswerRecord, approvalsOf } from "./approvals.ts";
import type { DecidedRecord } from "./record.ts";

const bo: AnswerRecord = {
  ...{ person: "bo@acme.com", verdict: "approve", reason: "fine", method: "console", as: "as one of `leads`" },
  ...{ shownDigest: "sha256:s", callDigest: "sha256:c", dwellMs: 9_000, singlePerson: false, policies: [] },
};
const at = (number: number) => `2026-11-01T10:00:0${number}Z`;
/** An action whose entries say this, one a second. */
const subjectOf = (...payloads: readonly object[]): Subject => ({
  ...{ subject: "act_1", key: null },
  entries: payloads.map((payload, number) => ({
    entry: { at: at(number), step: number } as Subject["entries"][number]["entry"],
    payload: payload as Json,
  })),
});
const saidBy = (...answers: readonly Partial<AnswerRecord>[]) =>
  approvalsOf(subjectOf({}, ...answers.map((more) => ({ answer: { ...bo, ...more } }))), undefined).sentence;

const decided = (
  effect: "allow" | "require" | "deny",
  requirements: readonly string[],
  approvals: readonly object[] = [],
): DecidedRecord =>
  ({
    decision: { effect, requirements: requirements.map((kind) => ({ kind })) },
    input: { facts: { approvals } } as unknown as DecisionInput,
  }) as unknown as DecidedRecord;

describe("who answered", () => {
  it("is told with all that the answer says and when it came, in the order in which they came", () => {
    const deny = { ...bo, person: "ana@acme.com", verdict: "deny", as: "as the owner" };
    const told = approvalsOf(subjectOf({}, { answer: bo }, { note: "x" }, { answer: deny }), undefined);
    expect(told).toEqual({
      answers: [
        { ...bo, at: at(1) },
        { ...deny, at: at(3) },
      ],
      shown: [],
      sentence: "bo@acme.com approved it as one of `leads`; ana@acme.com denied it as the owner",
    });
  });

  it("is nobody where an entry was erased", () => {
    expect(approvalsOf(subjectOf({}, null as unknown as object), undefined).answers).toEqual([]);
  });

  it.each<[Partial<AnswerRecord>, string]>([
    [{}, ""],
    [{ vouchedBy: [] }, ""],
    [{ vouchedBy: ["acme"] }, ", let in by acme"],
    [{ vouchedBy: ["acme", "cloud"] }, ", let in by acme and cloud"],
    [{ passkey: { id: "pk_1" } as NonNullable<AnswerRecord["passkey"]> }, ", signed with a passkey"],
    [{ batch: { id: "bat_1", of: 4, opened: true } }, ", with 3 others at once"],
    [
      { batch: { id: "bat_1", of: 4, opened: false } },
      ", with 3 others at once, from the list and not opened by itself",
    ],
    [{ editOf: "act_0" }, ", by editing act_0"],
    [{ skimmed: true }, ", after so short a look that one more person was asked"],
    [
      {
        ...{ skimmed: true, editOf: "act_0", batch: { id: "bat_1", of: 2, opened: false }, vouchedBy: ["acme"] },
        passkey: { id: "pk_1" } as NonNullable<AnswerRecord["passkey"]>,
      },
      ", signed with a passkey, let in by acme, with 1 others at once, from the list and not opened by itself, by editing act_0, after so short a look that one more person was asked",
    ],
  ])("is told with how: %j", (more, how) => {
    expect(saidBy(more)).toBe(`bo@acme.com approved it as one of \`leads\`${how}`);
  });
});

describe("why nobody answered", () => {
  it.each([
    ["nobody had to: no policy asked for a person", undefined],
    ["nobody had to: no policy asked for a person", decided("allow", [])],
    ["nobody had to: no policy asked for a person", decided("require", ["check", "wait"])],
    ["nobody yet", decided("require", ["check", "approval"])],
  ] as const)("is told: %s", (sentence, record) => {
    expect(approvalsOf(subjectOf({}), record)).toEqual({ sentence, answers: [], shown: [] });
  });

  it("is told of an action that somebody made another of, whatever was said to it before", () => {
    const edit = {
      by: "bo@acme.com",
      as: "as one of `leads`",
      action: "act_2",
      reason: "less",
      shownDigest: "sha256:s",
    };
    expect(approvalsOf(subjectOf({}, { edit }), undefined).sentence).toBe(
      "bo@acme.com edited it as one of `leads` into act_2",
    );
    expect(approvalsOf(subjectOf({}, { answer: bo }, { edit }), undefined).sentence).toBe(
      "bo@acme.com approved it as one of `leads`; bo@acme.com edited it as one of `leads` into act_2",
    );
    expect(approvalsOf(subjectOf({}, { edit }, {}), undefined).sentence).toBe(
      "nobody had to: no policy asked for a person",
    );
    expect(approvalsOf(subjectOf(), undefined).answers).toEqual([]);
  });
});

describe("what was granted beforehand", () => {
  const until = "2026-11-01T12:00:00Z";
  const grant = { person: "ana@acme.com", policy: "p", grant: { id: "grt_1", until } };
  const other = { person: "cy@acme.com", policy: "q", grant: { id: "grt_2", until } };
  const asked = { person: "bo@acme.com", policy: "r" };

  it("is told where it let the call pass, each once", () => {
    const told = approvalsOf(subjectOf({}), decided("allow", [], [grant, asked, { ...grant, policy: "q" }, other]));
    expect(told).toEqual({
      ...{ answers: [], shown: [] },
      grants: [
        { grant: "grt_1", person: "ana@acme.com", until },
        { grant: "grt_2", person: "cy@acme.com", until },
      ],
      sentence: `ana@acme.com had granted calls like it until ${until} (grt_1); cy@acme.com had granted calls like it until ${until} (grt_2)`,
    });
  });

  it("is told after who answered", () => {
    expect(approvalsOf(subjectOf({}, { answer: bo }), decided("allow", [], [grant])).sentence).toBe(
      `bo@acme.com approved it as one of \`leads\`; ana@acme.com had granted calls like it until ${until} (grt_1)`,
    );
  });

  it("is not told where it let nothing pass", () => {
    expect(approvalsOf(subjectOf({}), decided("require", ["approval"], [grant]))).toEqual({
      ...{ sentence: "nobody yet", answers: [], shown: [] },
    });
    expect(approvalsOf(subjectOf({}), decided("deny", [], [grant])).grants).toBeUndefined();
    expect(approvalsOf(subjectOf({}), { ...decided("allow", []), input: undefined } as never).grants).toBeUndefined();
    expect(approvalsOf(subjectOf({}), decided("allow", [], [asked])).grants).toBeUndefined();
  });
});
