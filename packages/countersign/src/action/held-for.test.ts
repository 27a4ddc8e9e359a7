import type { Requirement } from "@countersign/contract";
import { expect, it } from "vitest";
import { heldForMs, lookIn } from "./held-for.ts";

const nowMs = Date.parse("2026-11-27T08:00:00Z");
const hourMs = 3_600_000;
const of = { policy: "p", policyDigest: "sha256:0", sentence: "" };

function approval(openMs: number): Requirement {
  return { kind: "approval", ...of, from: "sre", count: 1, exclude: [], openMs, validMs: hourMs };
}

const until = (inMs: number): Requirement => ({ kind: "wait", ...of, until: new Date(nowMs + inMs).toISOString() });
const check: Requirement = { kind: "check", ...of, name: "secrets", maxAgeMs: hourMs };

it.each<[string, readonly Requirement[], number]>([
  ["a question runs its own time, also for days", [approval(72 * hourMs)], 72],
  ["of several the least counts", [approval(72 * hourMs), approval(4 * hourMs)], 4],
  ["a check is given a day", [check], 24],
  ["a check shortens a longer question", [check, approval(72 * hourMs)], 24],
  ["a wait is held until it is over, and a day", [until(72 * hourMs)], 96],
  ["of several waits the last counts", [until(72 * hourMs), until(hourMs)], 96],
  ["a question beside a wait is open for its whole time after it", [until(72 * hourMs), approval(4 * hourMs)], 76],
  ["a wait beside a longer question cuts nothing of it", [until(hourMs), approval(72 * hourMs)], 73],
  ["a wait that is over already takes nothing away", [until(-hourMs), approval(4 * hourMs)], 4],
  ["what needs nothing is held for a day", [], 24],
])("%s", (_, requirements, hours) => {
  expect(heldForMs(requirements, nowMs) / hourMs).toBe(hours);
});

it("what waits is looked at when its last wait is over, at once where that was, and never where there is none", () => {
  expect(lookIn([until(2 * hourMs), until(hourMs), approval(hourMs)], nowMs)).toEqual({ lookInMs: 2 * hourMs });
  expect(lookIn([until(-hourMs)], nowMs)).toEqual({ lookInMs: 0 });
  expect(lookIn([approval(hourMs)], nowMs)).toEqual({});
});
