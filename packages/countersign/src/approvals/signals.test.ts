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
