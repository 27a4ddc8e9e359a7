import { expect, it } from "vitest";
import type { Parts } from "../../action/index.ts";
import { silent } from "../../floor/log.ts";
import { Problem } from "../../floor/problem.ts";
import { Refusals } from "./refusals.ts";

/** A ledger that only counts. */
function counting() {
  let tick = 0;
  let written = 0;
  const parts = {
    clock: { now: () => 1_790_000_000_000, tick: () => tick },
    log: silent,
    wrap: { seal: (bytes: Uint8Array) => Buffer.from(bytes), open: (bytes: Uint8Array) => Buffer.from(bytes) },
    ledger: {
      async append() {
        written += 1;
        return [];
      },
    },
    tally: { moved() {}, took() {} },
  } as unknown as Parts;
  return {
    parts,
    written: () => written,
    wait: (ms: number) => {
      tick += ms;
    },
  };
}

const problem = new Problem("not_authenticated", "credentials are missing or not valid");
const from = (source: string) =>
  ({ door: "http", method: "POST", path: "/v1/actions", source, presented: true }) as const;

it("a source gets ten receipts a minute; what came above stands in one when the minute is over", async () => {
  const { parts, written, wait } = counting();
  const refusals = new Refusals(parts);
  const details = [];
  for (let n = 0; n < 50; n++) details.push((await refusals.record(from("192.0.2.7"), problem)).detail);
  expect(written()).toBe(10);
  expect(details.filter((detail) => detail.includes("receipt"))).toHaveLength(10);
  await refusals.flush();
  expect(written()).toBe(10);
  wait(60_001);
  await refusals.flush();
  expect(written()).toBe(11);
  await refusals.record(from("192.0.2.7"), problem);
  expect(written()).toBe(12);
});

it("a flood over the turn of the minute gets ten in the new one, and one for what came above in the old", async () => {
  const { parts, written, wait } = counting();
  const refusals = new Refusals(parts);
  const flood = () => Promise.all(Array.from({ length: 50 }, () => refusals.record(from("192.0.2.7"), problem)));
  await flood();
  expect(written()).toBe(10);
  wait(60_001);
  await flood();
  expect(written()).toBe(10 + 1 + 10);
  wait(60_001);
  await refusals.flush();
  expect(written()).toBe(10 + 1 + 10 + 1);
});

it("many sources together get two hundred, and hold a bounded memory", async () => {
  const { parts, written, wait } = counting();
  const refusals = new Refusals(parts);
  for (let n = 0; n < 3000; n++) await refusals.record(from(`10.0.${n >> 8}.${n & 255}`), problem);
  expect(written()).toBe(200);
  wait(60_001);
  await refusals.flush();
  // One for each source that was still told apart, and one for the others together.
  expect(written()).toBeLessThanOrEqual(200 + 201);
});

it("a ledger that cannot write does not let anyone in, and does not hide the refusal", async () => {
  const { parts } = counting();
  const broken = { ...parts, ledger: { append: () => Promise.reject(new Error("down")) } } as unknown as Parts;
  expect(await new Refusals(broken).record(from("192.0.2.7"), problem)).toBe(problem);
});
