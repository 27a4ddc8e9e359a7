import type { ApprovalFact, Decision, DecisionInput, Requirement } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import type { AnswerRecord } from "./approvals.ts";
import type { DecidedRecord } from "./record.ts";
import { type Beside, recountApprovals, type Said } from "./recount-approvals.ts";

const at = "2026-11-01T10:00:00.000Z";
const ranMs = Date.parse("2026-11-01T10:05:00Z");
const asked: Requirement & { readonly kind: "approval" } = {
  ...{ kind: "approval", policy: "p", policyDigest: "sha256:p", from: "leads", count: 1, exclude: ["owner"] },
  ...{ openMs: 3_600_000, validMs: 3_600_000, sentence: "" },
};
const fact: ApprovalFact = {
  ...{ policy: "p", policyDigest: "sha256:p", person: "bo@acme.example", groups: ["leads"], at },
  callDigest: "sha256:c",
};
const answer: AnswerRecord = {
  ...{ person: "bo@acme.example", verdict: "approve", reason: "", method: "cli", as: "as one of `leads`" },
  ...{ shownDigest: "sha256:s", callDigest: "sha256:c", dwellMs: null, singlePerson: false },
  policies: [{ policy: "p", policyDigest: "sha256:p" }],
};

const decisionOf = (effect: Decision["effect"], requirements: readonly Requirement[], digest: string) =>
  ({ effect, requirements, policySet: { revision: 1, digest } }) as unknown as Decision;
const held = (requirements: readonly Requirement[] = [asked], digest = "sha256:set"): Said => ({
  entry: { kind: "held", person: null, atUs: ranMs * 1000 - 400_000_000 },
  record: { decision: decisionOf("require", requirements, digest) },
});
const said = (more: Partial<AnswerRecord> = {}): Said => ({
  entry: { kind: "approved", person: more.person ?? answer.person, atUs: ranMs * 1000 - 60_000_000 },
  record: { answer: { ...answer, ...more } },
});
const ran = (approvals: readonly ApprovalFact[] = [fact], digest = "sha256:set"): DecidedRecord =>
  ({
    decision: decisionOf("allow", [], digest),
    input: {
      at: new Date(ranMs).toISOString(),
      callDigest: "sha256:c",
      principal: { owner: "ana@acme.example", tier: 2 },
      action: { verb: "execute" },
      resource: { environment: { name: "sandbox", production: false } },
      facts: { approvals, reversal: "plan" },
    } as unknown as DecisionInput,
  }) as DecidedRecord;
const beside = (stillAsks: boolean | undefined, grants: Beside["grants"] = new Map()): Beside => ({
  grants,
  stillAsks: () => stillAsks,
});

describe("MT-212 approvals counted anew", () => {
  it("hold where the entry of each is there, and are not required where nobody was asked", () => {
    expect(recountApprovals([held(), said()], ran(), beside(true))).toEqual({
      ...{ required: true, granted: false, released: false, missing: [] },
    });
    expect(recountApprovals([], ran([]), beside(true))).toMatchObject({ required: false, missing: [] });
  });

  it.each<[string, Partial<AnswerRecord>, Partial<ApprovalFact>, RegExp]>([
    ["of whoever is excluded", { person: "ana@acme.example" }, { person: "ana@acme.example" }, /ana\S+ is excluded/],
    ["let in by somebody excluded", { vouchedBy: ["ana@acme.example"] }, {}, /was let in by somebody who is excluded/],
    ["of nobody whom it asks", {}, { groups: ["readers"] }, /does not count as somebody whom it asks/],
  ])("do not where one is %s", (_, more, otherwise, why) => {
    const { missing, required } = recountApprovals(
      [held(), said(more)],
      ran([{ ...fact, ...otherwise }]),
      beside(true),
    );
    expect(required).toBe(true);
    expect(missing.join()).toMatch(why);
  });

  it("do not where one was too old, and where a passkey was asked for and did not sign", () => {
    const old = recountApprovals([held([{ ...asked, validMs: 30_000 }]), said()], ran(), beside(true));
    expect(old.missing.join()).toMatch(/what bo@acme\.example said was too old by then$/);
    const unsigned = recountApprovals([held([{ ...asked, passkey: true }]), said()], ran(), beside(true));
    expect(unsigned.missing.join()).toMatch(/did not sign with a passkey$/);
  });

  it("take two people where two were asked for, and one who answers twice as one", () => {
    const two = [held([{ ...asked, count: 2 }])];
    const cy = { person: "cy@acme.example" };
    expect(recountApprovals([...two, said(), said(cy)], ran([fact, { ...fact, ...cy }]), beside(true)).missing).toEqual(
      [],
    );
    expect(recountApprovals([...two, said(), said()], ran([fact, fact]), beside(true)).missing).toEqual([
      "`p` asked for 2 approvals from `leads`, and only 1 that counts is on record",
    ]);
    // Raised by a skim: the count of the policy itself is one less.
    const raised = held([{ ...asked, count: 2, raised: true }]);
    expect(recountApprovals([raised, said()], ran(), beside(true)).missing).toEqual([]);
    expect(recountApprovals([raised, said({ skimmed: true })], ran(), beside(true)).missing).toHaveLength(1);
  });

  it("are believed of a grant as far as the ledger has it, of the same person", () => {
    const until = "2026-11-01T12:00:00Z";
    const given = { ...fact, grant: { id: "gov_1", until } };
    const grants = (person: string): Beside["grants"] => new Map([["gov_1", { person, atMs: 0 }]]);
    const taking = held([{ ...asked, grants: "yes" }]);
    const found = recountApprovals([taking], ran([given]), beside(true, grants(fact.person)));
    expect(found).toMatchObject({ required: true, granted: true, missing: [] });
    for (const other of [grants("cy@acme.example"), new Map()])
      expect(recountApprovals([taking], ran([given]), beside(true, other)).missing[0]).toMatch(
        /the ledger has no such grant of theirs from before$/,
      );
    // Where the rule takes none, a real one does not count either.
    expect(recountApprovals([held()], ran([given]), beside(true, grants(fact.person))).missing).toHaveLength(1);
  });

  it("are not believed of a grant that was given after the call", () => {
    const given = { ...fact, grant: { id: "gov_1", until: "2026-11-01T12:00:00Z" } };
    const taking = held([{ ...asked, grants: "yes" }]);
    const grantedAt = (atMs: number) => {
      const grants: Beside["grants"] = new Map([["gov_1", { person: fact.person, atMs }]]);
      return recountApprovals([taking], ran([given]), beside(true, grants)).missing;
    };
    expect(grantedAt(ranMs + 4_000)).toEqual([]);
    for (const atMs of [ranMs + 6_000, Number.NaN])
      expect(grantedAt(atMs)[0]).toMatch(/the ledger has no such grant of theirs from before$/);
  });

  it("do not tell apart what two clocks do not: an entry is dated by another than the answer that policy counted", () => {
    const short = (validMs: number) => held([{ ...asked, validMs }]);
    // The answer's entry is 60 s old when it runs.
    expect(recountApprovals([short(56_000), said()], ran(), beside(true)).missing).toEqual([]);
    expect(recountApprovals([short(54_000), said()], ran(), beside(true)).missing).toHaveLength(1);
    const later = (ms: number): Said => ({ ...said(), entry: { ...said().entry, atUs: (ranMs + ms) * 1000 } });
    expect(recountApprovals([held(), later(9_000)], ran(), beside(true)).missing).toEqual([]);
    expect(recountApprovals([held(), later(11_000)], ran(), beside(true)).missing).toHaveLength(1);
  });

  it("are not missing where the rules that let it run do not ask, and are where nobody can tell", () => {
    const without = ran([]);
    expect(recountApprovals([held()], without, beside(false))).toMatchObject({ required: false, released: true });
    const other = recountApprovals([held([asked], "sha256:before")], without, beside(undefined));
    expect(other).toMatchObject({ required: false, released: true, missing: [] });
    const same = recountApprovals([held()], without, beside(undefined));
    expect(same).toMatchObject({ required: true, released: false });
    expect(same.missing.join()).toMatch(/whether the rules of then still asked when it ran, nobody can tell$/);
  });
});

describe("MT-150 broken glass counted anew", () => {
  const di = "di@acme.example";
  const until = new Date(ranMs + 60_000).toISOString();
  const two = held([{ ...asked, count: 2 }]);
  const claim: ApprovalFact = { ...fact, person: di, groups: [], glass: { until } };
  const glass = (kind: string, more: Partial<AnswerRecord> = {}): Said => {
    const breakGlass = { id: "gls_1", until, reviewBy: until, missing: [] };
    const { record, entry } = said({ person: di, breakGlass, ...more });
    return { entry: { ...entry, kind }, record };
  };
  const missing = (asking: Said, one: Said, claimed = claim, principal: object = {}) => {
    const decided = ran([claimed]);
    const input = { ...decided.input, principal: { ...decided.input.principal, ...principal } };
    return recountApprovals([asking, one], { ...decided, input }, beside(true)).missing.join();
  };

  it("stands for all that are missing, from an entry of its own", () => {
    expect(missing(two, glass("glass"))).toBe("");
    // An approval is none, whatever the decision claims of it, and the other way round.
    const unfounded = /no entry before it ran holds that approval/;
    expect(missing(two, glass("approved"))).toMatch(unfounded);
    expect(missing(held(), glass("glass"), { ...fact, person: di })).toMatch(unfounded);
    expect(missing(held(), glass("glass"), { ...claim, groups: ["leads"] })).toBe("");
  });

  it("stands beside what the same person had answered as one of several", () => {
    const both = [claim, { ...fact, person: di }];
    const asking = [two, said({ person: di }), glass("glass")];
    expect(recountApprovals(asking, ran(both), beside(true)).missing).toEqual([]);
    // Once the glass stands for nothing any more, what they had answered still does.
    const over = { id: "gls_1", until: new Date(ranMs - 1).toISOString(), reviewBy: until, missing: [] };
    const one = [held(), said({ person: di }), glass("glass", { breakGlass: over })];
    expect(recountApprovals(one, ran(both), beside(true)).missing).toEqual([]);
  });

  it("does not once its time was over, whatever the decision claims, or where its entry does not say until when", () => {
    const over = { id: "gls_1", until: new Date(ranMs - 1).toISOString(), reviewBy: until, missing: [] };
    expect(missing(two, glass("glass", { breakGlass: over }))).toMatch(/stood for nothing any more when it ran$/);
    const { breakGlass: _, ...bare } = glass("glass").record?.answer ?? answer;
    expect(missing(held(), { ...glass("glass"), record: { answer: bare } }, { ...claim, groups: ["leads"] })).toMatch(
      /none that counts is on record/,
    );
  });

  it("does not of whoever asked, also where they may be one of several, or was let in by them; or over `never`", () => {
    const open = held([{ ...asked, exclude: [], count: 2 }]);
    expect(missing(open, glass("glass"), claim, { onBehalfOf: "Di@acme.example" })).toMatch(
      /broke the glass over what they had asked for themselves$/,
    );
    const letIn = glass("glass", { vouchedBy: ["eve@acme.example"] });
    expect(missing(open, letIn)).toBe("");
    expect(missing(open, letIn, claim, { onBehalfOf: "eve@acme.example" })).toMatch(/asked for themselves$/);
    expect(missing(held([{ ...asked, glass: "never" }]), glass("glass"))).toMatch(/nobody breaks it over this rule$/);
  });
});
