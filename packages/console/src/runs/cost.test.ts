import type { TimedAction } from "@countersign/client";
import { expect, it } from "vitest";
import { costOf, costWords, spent } from "./cost.ts";

const action = (moves: readonly [at: string, kind: string][], more: Partial<TimedAction> = {}): TimedAction => ({
  id: "act_1",
  state: "done",
  tool: "shop.refund",
  verb: "execute",
  system: "shop",
  environment: "sandbox",
  target: "1",
  argsDigest: "sha256:aa",
  effect: "allow",
  policies: [],
  requires: [],
  checks: [],
  moves: moves.map(([at, kind]) => ({ at: `2026-11-26T06:00:${at}Z`, kind, to: null, person: null, writer: "w" })),
  ...more,
});
const ran: readonly [string, string][] = [
  ["01", "held"],
  ["05", "intent"],
  ["05.25", "outcome"],
];

it("counts calls from when they were sent, and the time of the systems without that of people", () => {
  const cost = costOf([
    action(ran, { money: { minor: 1250, currency: "EUR" } }),
    action(ran),
    action([["01", "held"]]),
  ]);
  expect(cost).toEqual({ calls: 2, atSystemsMs: 500, open: 0, money: { EUR: 1250 } });
  expect(costWords(cost)).toBe("2 calls sent, 500 ms at the systems called, 12.50 EUR named in those that ran");
});

it("says what is not known, and never nought in its place", () => {
  const lost = action(
    [
      ["01", "intent"],
      ["04", "unknown"],
    ],
    { state: "unknown", money: { minor: 500, currency: "JPY" } },
  );
  expect(costWords(costOf([lost]))).toBe(
    "1 call sent, 1 of them without an answer yet, so nobody knows how long, no amount of money named in them",
  );
  expect(spent(lost)).toBe("1 call, time not known, 500 JPY");
  expect(spent(action([["01", "refused"]], { state: "refused" }))).toBeUndefined();
  expect(costWords(costOf([]))).toBe("no call was sent to any system");
  // A call that was answered with an error moved no money.
  expect(costOf([action(ran, { isError: true, money: { minor: 1, currency: "EUR" } })]).money).toEqual({});
});
