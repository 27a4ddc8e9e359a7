import { describe, expect, it } from "vitest";
import { isAllHands, periodOf, type ReportedAction } from "./report.ts";

const action = (atMs: number, more: Partial<ReportedAction> = {}): ReportedAction => ({
  atMs,
  workflow: "docs",
  writes: true,
  alone: false,
  granted: false,
  observed: false,
  questions: [],
  ...more,
});

describe("a question", () => {
  it.each([
    [{ people: 3, approvals: 2 }, false],
    [{ people: 4, approvals: 1 }, true],
    [{ people: 1, approvals: 3 }, true],
    [{ approvals: 1 }, false],
    [{ approvals: 3 }, true],
  ])("%j is all-hands: %s", (question, is) => {
    expect(isAllHands(question)).toBe(is);
  });
});

describe("a period", () => {
  const question = (policy: string, people?: number, approvals = 1) => ({
    policy,
    approvals,
    ...(people === undefined ? {} : { people }),
  });
  const actions = [
    action(99, { questions: [question("a", 9)] }),
    action(100, { questions: [question("a", 9)], waitedMs: 10 }),
    action(149, { questions: [question("a", 2), question("b", 2, 3)], waitedMs: 30 }),
    action(150, { questions: [question("a")] }),
    action(160, { alone: true, writes: false }),
    action(170, { alone: true, workflow: "other" }),
    action(180, { granted: true }),
    action(190, { observed: true }),
    action(200, { alone: true }),
  ];

  it("counts what was asked from its first moment on and before its last, each rule by itself", () => {
    const period = periodOf(actions, [100, 150, 200]);
    expect(period).toMatchObject({
      actions: 7,
      asked: 3,
      alone: 2,
      aloneWrites: 1,
      granted: 1,
      observed: 1,
      questions: 4,
      allHands: 2,
      unmeasured: 1,
      waitMs: { p50: 10, p90: 30 },
    });
    expect(period.rules).toMatchObject([
      { policy: "a", questions: 3, allHands: 1, unmeasured: 1, people: 9, approvals: 1, open: 1 },
      { policy: "b", questions: 1, allHands: 1, people: 2, approvals: 3, open: 0 },
    ]);
    expect(period.workflows.map(({ workflow, questions, alone }) => [workflow, questions, alone])).toEqual([
      ["docs", 4, 1],
      ["other", 0, 1],
    ]);
    expect(period.parts).toEqual([
      { fromMs: 100, alone: 0, questions: 3, allHands: 2, unmeasured: 0 },
      { fromMs: 150, alone: 2, questions: 1, allHands: 0, unmeasured: 1 },
    ]);
  });

  it("counts more questions of one rule than a call can have arguments", () => {
    const many = Array.from({ length: 200_000 }, (_, at) => action(at, { questions: [question("a", at % 7)] }));
    expect(periodOf(many, [0, many.length]).rules).toMatchObject([
      { policy: "a", questions: 200_000, people: 6, approvals: 1, open: 200_000 },
    ]);
  });

  it("adds up: its questions are those of its rules, of its workflows and of its parts, and none is without a rule", () => {
    for (const bounds of [
      [0, 1000],
      [0, 150, 1000],
      [0, 100, 101, 190, 191, 1000],
    ]) {
      const { questions, rules, workflows, parts: all } = periodOf(actions, bounds);
      for (const some of [rules, workflows, all])
        expect(some.reduce((sum, one) => sum + one.questions, 0)).toBe(questions);
      expect(rules.every(({ policy }) => policy !== "")).toBe(true);
    }
  });
});
