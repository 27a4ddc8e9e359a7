import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { phaseCeilings, tierInForce } from "./tier.ts";
import { isInForce, type Waiver, waiverFaults } from "./waiver.ts";

const waiver: Waiver = {
  agent: "deploy-bot",
  workflow: "rollout",
  tier: 2,
  by: ["ana@acme.example", "bo@acme.example"],
  from: "2026-11-01T00:00:00Z",
  until: "2026-11-30T00:00:00Z",
  reason: "first month outside production",
};
const nowMs = Date.parse("2026-11-22T12:00:00Z");
const standing = { agent: "deploy-bot", workflow: "rollout", asked: 3 } as const;

describe("a waiver", () => {
  it("stands with two signatures, a reason and at most 30 days", () => {
    expect(waiverFaults(waiver, false)).toEqual([]);
  });

  it.each<[string, Partial<Waiver>]>([
    ["one signature", { by: ["ana@acme.example"] }],
    ["the same person twice", { by: ["ana@acme.example", "Ana@acme.example"] }],
    ["one person, said so, where there are more", { by: ["ana@acme.example"], single: true }],
    ["31 days", { until: "2026-12-02T00:00:00Z" }],
    ["no end", { until: "never" }],
    ["an end before its beginning", { until: "2026-10-01T00:00:00Z" }],
    ["no reason", { reason: " " }],
    ["every agent", { agent: "*" }],
    ["tier 0", { tier: 0 }],
  ])("does not stand with %s", (_, more) => {
    expect(waiverFaults({ ...waiver, ...more }, false)).not.toEqual([]);
  });

  it("of an organisation of one has one signature and says so", () => {
    expect(waiverFaults({ ...waiver, by: ["ana@acme.example"], single: true }, true)).toEqual([]);
    expect(waiverFaults({ ...waiver, by: ["ana@acme.example"] }, true)).not.toEqual([]);
  });

  it("counts from its first instant, and not at its last", () => {
    expect(isInForce(waiver, Date.parse(waiver.from))).toBe(true);
    expect(isInForce(waiver, Date.parse(waiver.from) - 1)).toBe(false);
    expect(isInForce(waiver, Date.parse(waiver.until))).toBe(false);
  });
});

describe("the tier in force", () => {
  it("MT-144 is 0 without a waiver, and belongs to an agent in a workflow", () => {
    expect(tierInForce(standing, [], nowMs)).toBe(0);
    expect(tierInForce(standing, [waiver], nowMs)).toBe(2);
    expect(tierInForce({ ...standing, workflow: "other" }, [waiver], nowMs)).toBe(0);
    expect(tierInForce({ ...standing, agent: "other" }, [waiver], nowMs)).toBe(0);
  });

  it("is the highest that stands, within what was asked for and the phase", () => {
    const three = { ...waiver, tier: 3 } as const;
    expect(tierInForce(standing, [waiver, three], nowMs)).toBe(3);
    expect(tierInForce({ ...standing, asked: 1 }, [waiver, three], nowMs)).toBe(1);
    expect(tierInForce({ ...standing, ceiling: phaseCeilings.B }, [waiver, three], nowMs)).toBe(1);
  });

  it("never comes from a waiver that is over, faulty or of another agent", () => {
    const days = fc.integer({ min: -60, max: 60 }).map((day) => new Date(nowMs + day * 86_400_000).toISOString());
    const signers = fc.array(fc.constantFrom("ana@acme.example", "bo@acme.example", "ANA@acme.example"), {
      maxLength: 3,
    });
    const any = fc.record({ agent: fc.constantFrom("deploy-bot", "other"), by: signers, from: days, until: days });
    fc.assert(
      fc.property(fc.array(any), (many) => {
        const waivers = many.map((more) => ({ ...waiver, ...more }));
        const stands = waivers.some((one) => {
          const [fromMs, untilMs] = [Date.parse(one.from), Date.parse(one.until)];
          const two = new Set(one.by.map((person) => person.toLowerCase())).size === 2;
          return (
            one.agent === "deploy-bot" &&
            two &&
            fromMs <= nowMs &&
            nowMs < untilMs &&
            untilMs - fromMs <= 30 * 86_400_000
          );
        });
        expect(tierInForce(standing, waivers, nowMs)).toBe(stands ? 2 : 0);
      }),
      { numRuns: 1000 },
    );
  });
});
