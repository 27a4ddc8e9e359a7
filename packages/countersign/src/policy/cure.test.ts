import { describe, expect, it } from "vitest";
import { asks, check } from "./acme.fixture.ts";
import { type Cure, cureState, readCure, requirementsOf } from "./cure.ts";

const full = { cure: "approval", from: "sre", count: "2", open: "4h", valid: "1h", exclude: "requester,owner" };

describe("readCure", () => {
  it("reads an approval", () => {
    expect(readCure(full)).toEqual({
      ok: {
        kind: "approval",
        from: "sre",
        count: 2,
        exclude: ["requester", "owner"],
        openMs: 14_400_000,
        validMs: 3_600_000,
      },
    });
  });

  it("reads a check and a wait", () => {
    expect(readCure({ cure: "check", check: "plan", age: "15m" })).toEqual({
      ok: { kind: "check", names: ["plan"], maxAgeMs: 900_000 },
    });
    expect(readCure({ cure: "wait", until: "2026-12-27T08:00:00Z" })).toEqual({
      ok: { kind: "wait", until: "2026-12-27T08:00:00.000Z" },
    });
  });

  it.each<[string, { [name: string]: string }]>([
    ["an unknown kind", { ...full, cure: "hope" }],
    ["a kind that nothing provides yet", { cure: "grant" }],
    ["no group", { ...full, from: "" }],
    ["every group", { ...full, from: "*" }],
    ["nobody", { ...full, count: "0" }],
    ["a crowd", { ...full, count: "11" }],
    ["a count that is no number", { ...full, count: "two" }],
    ["an endless question", { ...full, open: "31d" }],
    ["a validity that is no duration", { ...full, valid: "forever" }],
    ["an unknown exclusion", { ...full, exclude: "boss" }],
    ["an empty exclusion", { ...full, exclude: "" }],
    ["an annotation of another cure", { ...full, check: "plan" }],
    ["an annotation without a cure", { from: "sre" }],
    ["a check without an age", { cure: "check", check: "plan" }],
    ["a wait without an instant", { cure: "wait", until: "tomorrow" }],
  ])("refuses %s", (_, annotations) => {
    expect(readCure(annotations)).toHaveProperty("fault");
  });

  it.each(["from", "count", "open", "valid", "exclude"])("refuses an approval without @%s", (name) => {
    const rest = Object.fromEntries(Object.entries(full).filter(([key]) => key !== name));
    expect(readCure(rest)).toHaveProperty("fault");
  });
});

describe("a check cure", () => {
  const plan = { id: "p", digest: "sha256:p", cure: { kind: "check", names: ["plan"], maxAgeMs: 900_000 } as Cure };
  const every = { ...plan, cure: { kind: "check", names: ["plan", "secrets"], maxAgeMs: 900_000 } as Cure };
  const state = (policy: typeof plan, ...checks: ReturnType<typeof check>[]) =>
    cureState(policy, asks({ facts: { checks } })).kind;

  it("is met by a fresh pass on these very arguments", () => {
    expect(state(plan, check("plan"))).toBe("met");
    expect(state(plan, check("secrets"))).toBe("open");
    expect(state(plan, check("plan", { argsDigest: "sha256:other" }))).toBe("open");
    expect(state(plan, check("plan", { at: "2026-11-22T11:45:00.000Z" }))).toBe("open");
  });

  it("goes by the latest result of a check", () => {
    const failed = check("plan", { verdict: "fail", at: "2026-11-22T11:59:30.000Z" });
    expect(state(plan, check("plan"), failed)).toBe("impossible");
    expect(state(plan, failed, check("plan", { at: "2026-11-22T11:59:40.000Z" }))).toBe("met");
  });

  it("cannot be met by a check that broke", () => {
    expect(state(plan, check("plan", { verdict: "error" }))).toBe("impossible");
  });

  it("`every` asks for a fresh pass of each check that there is, and cannot be met where there is none", () => {
    expect(readCure({ cure: "check", check: "every", age: "15m" }, ["secrets", "plan"])).toEqual({ ok: every.cure });
    const none = { ...plan, cure: { kind: "check", names: [], maxAgeMs: 900_000 } as Cure };
    expect(state(none, check("plan"))).toBe("impossible");
    const open = cureState(every, asks({ facts: { checks: [check("plan")] } }));
    expect(requirementsOf(every, open)).toMatchObject([{ kind: "check", name: "secrets" }]);
    expect(state(every)).toBe("open");
    expect(state(every, check("plan"), check("secrets"))).toBe("met");
    expect(state(every, check("plan"), check("secrets", { at: "2026-11-22T11:00:00.000Z" }))).toBe("open");
    expect(state(every, check("plan"), check("secrets", { verdict: "fail" }))).toBe("impossible");
  });
});

describe("a wait cure", () => {
  it("is met when its instant has come", () => {
    const policy = { id: "p", digest: "sha256:p", cure: { kind: "wait", until: "2026-11-22T12:00:00.000Z" } as Cure };
    expect(cureState(policy, asks({ at: "2026-11-22T11:59:59.999Z" })).kind).toBe("open");
    expect(cureState(policy, asks({ at: "2026-11-22T12:00:00.000Z" })).kind).toBe("met");
    const until = "2026-11-22T12:00:00.000Z";
    expect(requirementsOf(policy, { kind: "open" })).toMatchObject([{ kind: "wait", until }]);
  });
});
