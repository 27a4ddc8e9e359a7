import type { TimedAction } from "@countersign/client";
import { describe, expect, it } from "vitest";
import { later } from "./later.ts";
import { eventsOf } from "./timeline.ts";

type Move = TimedAction["moves"][number];
const move = (at: string, kind: string, to: string | null, person: string | null = null): Move => ({
  at: `2026-11-26T06:00:${at}Z`,
  kind,
  to,
  person,
  writer: "w",
});
const action = (id: string, moves: readonly Move[], more: Partial<TimedAction> = {}): TimedAction => ({
  id,
  state: "done",
  tool: "files.write_file",
  verb: "execute",
  system: "files",
  environment: "sandbox",
  target: "a.md",
  argsDigest: "sha256:aa",
  effect: "allow",
  policies: [],
  requires: ["an approval"],
  checks: [],
  moves: [...moves],
  ...more,
});

describe("a run's events", () => {
  it("stand in the lane of who did them, in the order of time", () => {
    const approved = action("one", [
      move("01", "held", "held"),
      move("05", "approved", null, "ana"),
      move("05.1", "intent", "running"),
      move("05.2", "outcome", "done"),
    ]);
    const read = action("two", [move("02", "intent", "running"), move("02.5", "outcome", "done")]);
    const events = eventsOf("scribe", [approved, read]);
    expect(events.map(({ action: id, lane }) => `${id} ${lane}`)).toEqual([
      "one agent",
      "one gate",
      "two agent",
      "two gate",
      "two systems",
      "one people",
      "one gate",
      "one systems",
    ]);
    expect(events.map(({ laterMs }) => laterMs)).toEqual([0, 0, 1_000, 0, 500, 2_500, 100, 100]);
    expect(events[5]).toMatchObject({ who: "ana", did: "approved it" });
  });

  it("say what went wrong, and who settled it", () => {
    const lost = action("one", [
      move("01", "intent", "running"),
      move("02", "unknown", "unknown"),
      move("09", "settled", "failed", "bo"),
    ]);
    expect(eventsOf("scribe", [lost]).map(({ who, did, looks }) => `${who} ${did} ${looks}`)).toEqual([
      "scribe asked for received",
      "the gate let it run running",
      "files did not answer unknown",
      "bo found out: failed failed",
    ]);
    const refused = action("two", [move("01", "refused", "refused")], { refusal: "stopped" });
    expect(eventsOf("scribe", [refused]).at(-1)).toMatchObject({ lane: "gate", did: "refused it (stopped)" });
    const checks = [
      { name: "secrets", verdict: "fail" },
      { name: "schema", verdict: "pass" },
    ];
    const checked = action("three", [move("01", "refused", "refused")], { refusal: "check", checks });
    expect(eventsOf("scribe", [checked]).at(-1)).toMatchObject({ did: "refused it (check)", because: "secrets: fail" });
    const passed = action("four", [move("01", "intent", "running")], { checks: checks.slice(1) });
    expect(eventsOf("scribe", [passed]).at(-1)).toMatchObject({ because: "1 check passed" });
  });

  it("MT-196 tell edits, questions and replies by the hands that did them", () => {
    const asked = action(
      "one",
      [
        move("01", "held", "held"),
        move("02", "asked", "held", "bo"),
        move("03", "replied", "held"),
        move("04", "refused", "refused", "bo"),
      ],
      { refusal: "edited" },
    );
    expect(eventsOf("scribe", [asked]).map(({ lane, who, did }) => `${lane}: ${who} ${did}`)).toEqual([
      "agent: scribe asked for",
      "gate: the gate held it",
      "people: bo asked the agent back",
      "agent: scribe replied",
      "people: bo edited it into another call",
    ]);
    const ends = (refusal: string, person: string | null) =>
      eventsOf("scribe", [action("two", [move("01", "refused", "refused", person)], { refusal })]).at(-1);
    expect(ends("cancelled", "bo")).toMatchObject({ lane: "people", who: "bo", did: "cancelled it" });
    expect(ends("cancelled", null)).toMatchObject({ lane: "agent", who: "scribe", did: "took it back" });
  });

  it("tell time as people do", () => {
    expect([3.4, 999, 1_500, 61_000, 3_720_000].map(later)).toEqual(["3 ms", "999 ms", "1 s", "1 min", "1 h 2 min"]);
  });
});
