import { expect, it } from "vitest";
import { atRest } from "./at-rest.ts";

const move = { at: "", recordedAt: "", kind: "held", from: null, to: null } as const;

function readings(receipts: readonly number[], bundles: readonly number[]) {
  let [receiptsRead, bundlesRead] = [0, 0];
  return {
    receipt: async () => ({ what: { moves: Array.from({ length: receipts[receiptsRead++] ?? 0 }, () => move) } }),
    bundle: async () => Uint8Array.of(bundles[bundlesRead++] ?? 0),
    stepsIn: (bundle: Uint8Array) => bundle[0] ?? 0,
    read: () => [receiptsRead, bundlesRead],
  };
}

it("an action that takes a step between the two readings is read again", async () => {
  const of = readings([1, 3, 3], [2, 2, 3]);
  const { receipt, bundle } = await atRest(of);
  expect([receipt.what.moves.length, bundle[0], of.read()]).toEqual([3, 3, [3, 3]]);
});

it("two that never tell of the same steps are not read for ever", async () => {
  const of = readings([], [1, 1, 1, 1, 1, 1, 1, 1]);
  await atRest(of);
  expect(of.read()).toEqual([5, 5]);
});
