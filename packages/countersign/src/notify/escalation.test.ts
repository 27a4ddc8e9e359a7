import { describe, expect, it } from "vitest";
import { escalate, keyOf, lapsingAt, type Step } from "./escalation.ts";

const minute = 60_000;
const opened = Date.parse("2026-11-02T10:00:00Z");
const first: Step = { to: "bo@acme.example", afterMs: 15 * minute, mayAnswer: false };
const second: Step = { to: "leads", afterMs: 60 * minute, mayAnswer: true };
const people: Record<string, readonly string[]> = {
  "bo@acme.example": ["bo@acme.example"],
  leads: ["ana@acme.example", "bo@acme.example"],
};
const at = (minutes: number, told: readonly string[] = [], steps: readonly Step[] = [second, first]) =>
  escalate({
    openedAtMs: opened,
    expiresAtMs: opened + 240 * minute,
    nowMs: opened + minutes * minute,
    steps,
    told,
    peopleOf: (to) => people[to] ?? [],
  });

describe("an open question", () => {
  it("moves on at each step's time, in the order of time and not of the file", () => {
    expect(at(0)).toEqual({ due: [], nextAtMs: opened + 15 * minute });
    expect(at(14.99).due).toEqual([]);
    const one = at(15);
    expect(one.due).toMatchObject([{ kind: "escalated", people: ["bo@acme.example"], step: first }]);
    expect(one.nextAtMs).toBe(opened + 60 * minute);
    expect(at(61, [keyOf(first)]).due).toMatchObject([{ people: people.leads, step: { mayAnswer: true } }]);
  });

  it("tells after an outage all that came due meanwhile, once", () => {
    const late = at(200);
    expect(late.due.map(({ key }) => key)).toEqual([keyOf(first), keyOf(second), "lapsing"]);
    expect(
      at(
        200,
        late.due.map(({ key }) => key),
      ),
    ).toEqual({ due: [] });
  });

  it("is about to lapse in the last quarter, at least a minute and at most an hour before", () => {
    expect(lapsingAt(opened, opened + 240 * minute)).toBe(opened + 180 * minute);
    expect(lapsingAt(opened, opened + 24 * 60 * minute)).toBe(opened + 23 * 60 * minute);
    expect(lapsingAt(opened, opened + 2 * minute)).toBe(opened + minute);
    expect(at(180, [keyOf(first), keyOf(second)]).due).toMatchObject([{ kind: "lapsing" }]);
  });

  it("is nobody's once its time is over, and a step after its time never comes", () => {
    expect(at(240)).toEqual({ due: [] });
    const never: Step = { to: "leads", afterMs: 300 * minute, mayAnswer: false };
    expect(at(239, ["lapsing"], [never])).toEqual({ due: [] });
  });

  it("without an end only escalates", () => {
    const open = { openedAtMs: opened, nowMs: opened, steps: [first], told: [], peopleOf: () => [] };
    expect(escalate(open)).toEqual({ due: [], nextAtMs: opened + 15 * minute });
    expect(escalate({ ...open, steps: [] })).toEqual({ due: [] });
  });

  it("takes a step that the file now words differently for another one", () => {
    expect(at(16, [keyOf({ ...first, mayAnswer: true })]).due).toHaveLength(1);
  });
});
