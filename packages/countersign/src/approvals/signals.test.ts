import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floorMs, type Given, signalsOf } from "./signals.ts";

const size = fc.integer({ min: 800, max: 40_000 });
/** Whoever clicks: under a second whatever there is to read, and always yes. */
const fast = fc.array(fc.record({ lookedMs: fc.integer({ min: 200, max: 900 }), size }), {
  minLength: 40,
  maxLength: 90,
});
/** Whoever looks: at least as long as reading takes, and now and then no. */
const careful = fc.array(
  fc.record({ factor: fc.double({ min: 1.2, max: 30, noNaN: true }), size, isBad: fc.integer({ min: 0, max: 19 }) }),
  { minLength: 40, maxLength: 90 },
);

describe("MT-42 answers that are no decisions", () => {
  it("a simulated fast clicker is flagged for every one of it", () => {
    fc.assert(
      fc.property(fast, (looks) => {
        const given = looks.map((look): Given => ({ ...look, verdict: "approve" }));
        const signals = signalsOf(given, [{ caught: false }]).map(({ signal }) => signal);
        expect(signals).toEqual(["too_fast", "always_yes", "canary_missed"]);
      }),
    );
  });

  it("a simulated careful approver is not", () => {
    fc.assert(
      fc.property(careful, (looks) => {
        const given = looks.map(
          (look, index): Given => ({
            size: look.size,
            lookedMs: floorMs(look.size) * look.factor,
            verdict: look.isBad === 0 || index === looks.length - 10 ? "deny" : "approve",
          }),
        );
        expect(signalsOf(given, [{ caught: true }, { caught: true }])).toEqual([]);
      }),
    );
  });

  it("a long row of approvals after long looks is no sign, and after short ones it is", () => {
    const row = (lookedMs: number): Given[] =>
      Array.from({ length: 30 }, () => ({ verdict: "approve", lookedMs, size: 1_000 }));
    expect(floorMs(1_000)).toBe(2_500);
    expect(signalsOf(row(30_000), [])).toEqual([]);
    expect(signalsOf(row(4_000), []).map(({ signal }) => signal)).toEqual(["always_yes"]);
    expect(signalsOf([...row(4_000), { verdict: "deny", lookedMs: 4_000, size: 10 }], [])).toEqual([]);
  });

  it("says nothing of a few answers, nor of what nobody measured", () => {
    const one: Given = { verdict: "approve", lookedMs: 100, size: 9_000 };
    expect(
      signalsOf(
        Array.from({ length: 9 }, () => one),
        [],
      ),
    ).toEqual([]);
    expect(
      signalsOf(
        Array.from({ length: 60 }, () => ({ ...one, lookedMs: null })),
        [],
      ),
    ).toEqual([]);
    expect(signalsOf([], [])).toEqual([]);
  });

  it("a seeded request that was missed is forgotten after five that were caught", () => {
    const caught = Array.from({ length: 5 }, () => ({ caught: true }));
    expect(signalsOf([], [{ caught: false }, ...caught])).toEqual([]);
    expect(signalsOf([], [{ caught: false }, ...caught.slice(1)])).toHaveLength(1);
  });
});

describe("the shortest look that can be one", () => {
  it.each([
    [null, 1_500],
    [0, 1_500],
    [600, 1_500],
    [601, 1_502.5],
    [1_000, 2_500],
    [8_000, 20_000],
    [8_001, 20_000],
    [1_000_000, 20_000],
  ])("of %s characters takes %d ms", (size, ms) => {
    expect(floorMs(size)).toBeCloseTo(ms, 6);
  });
});

describe("looks that are too short", () => {
  const looks = (count: number, lookedMs: number | null, verdict: Given["verdict"] = "approve"): readonly Given[] =>
    Array.from({ length: count }, () => ({ verdict, lookedMs, size: 1_000 }));
  const fast = 2_499;
  const long = 9_000;
  const tooFast = (given: readonly Given[]) =>
    signalsOf(given, []).find(({ signal }) => signal === "too_fast")?.sentence;

  it("are told where they are more than half of ten approvals or more", () => {
    expect(tooFast([...looks(4, long), ...looks(6, fast)])).toBe(
      "6 of the last 10 approvals came after a look too short for what there was to read",
    );
    expect(tooFast([...looks(5, long), ...looks(5, fast)])).toBeUndefined();
    expect(tooFast(looks(9, fast))).toBeUndefined();
    expect(tooFast(looks(10, 2_500))).toBeUndefined();
  });

  it("are told of the last fifty approvals that somebody measured, without what was denied", () => {
    const said = "26 of the last 50 approvals came after a look too short for what there was to read";
    expect(tooFast([...looks(80, long), ...looks(26, fast)])).toBe(said);
    expect(tooFast([...looks(80, long), ...looks(26, fast), ...looks(40, null), ...looks(40, long, "deny")])).toBe(
      said,
    );
    expect(tooFast([...looks(80, fast), ...looks(25, fast), ...looks(25, long)])).toBeUndefined();
    expect(tooFast([...looks(24, fast), ...looks(27, fast), ...looks(24, long)])).toBe(said);
    expect(tooFast(looks(60, fast, "deny"))).toBeUndefined();
  });
});

describe("always yes", () => {
  const row = (count: number, lookedMs: number | null, verdict: Given["verdict"] = "approve"): readonly Given[] =>
    Array.from({ length: count }, () => ({ verdict, lookedMs, size: 1_000 }));
  const alwaysYes = (given: readonly Given[]) =>
    signalsOf(given, []).find(({ signal }) => signal === "always_yes")?.sentence;
  const said = (count: number) =>
    `the last ${count} answers were all approvals, half of them after a look shorter than reading takes`;

  it("is told of thirty answers or more since the last that was no", () => {
    expect(alwaysYes(row(30, 4_999))).toBe(said(30));
    expect(alwaysYes(row(29, 4_999))).toBeUndefined();
    expect(alwaysYes([...row(10, 4_999), ...row(1, 4_999, "deny"), ...row(31, 4_999)])).toBe(said(31));
    expect(alwaysYes([...row(10, 4_999), ...row(1, 4_999, "deny"), ...row(29, 4_999)])).toBeUndefined();
    expect(alwaysYes([...row(40, 4_999), ...row(1, 4_999, "deny")])).toBeUndefined();
  });

  it("is told where half of them came before twice the shortest look, measured or not", () => {
    expect(alwaysYes(row(30, 5_000))).toBeUndefined();
    expect(alwaysYes([...row(15, 90_000), ...row(15, 4_999)])).toBe(said(30));
    expect(alwaysYes([...row(16, 90_000), ...row(15, 4_999)])).toBeUndefined();
    expect(alwaysYes([...row(29, null), ...row(1, 4_999)])).toBe(said(30));
  });

  it("is not told by looks from before somebody said no", () => {
    expect(alwaysYes([...row(40, 4_999), ...row(1, 4_999, "deny"), ...row(30, null)])).toBeUndefined();
    expect(alwaysYes([...row(40, 90_000), ...row(1, 9_000, "deny"), ...row(20, null), ...row(10, 4_999)])).toBe(
      said(30),
    );
  });
});

describe("seeded requests that were approved", () => {
  const seeded = (text: string) => [...text].map((one) => ({ caught: one === "+" }));

  it.each([
    ["", undefined],
    ["++", undefined],
    ["-", "1 of the last 1 seeded known-bad requests were approved"],
    ["+-+", "1 of the last 3 seeded known-bad requests were approved"],
    ["-----", "5 of the last 5 seeded known-bad requests were approved"],
    ["--+-+++", "1 of the last 5 seeded known-bad requests were approved"],
    ["-+++++", undefined],
  ])("are told as long as one is among the last five: `%s`", (given, sentence) => {
    const signals = sentence === undefined ? [] : [{ signal: "canary_missed", sentence }];
    expect(signalsOf([], seeded(given))).toEqual(signals);
  });
});
