import { createHmac } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, it } from "vitest";
import { hmacOf, keysOf, termKeyOf } from "./term-key.ts";

const key = Buffer.from("a key of the plane's own, 32 byte");

it("a term's digest is HMAC-SHA-256 as the platform has it, whatever came before", () => {
  const mac = hmacOf(key);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      expect(mac(text)).toBe(createHmac("sha256", key).update(text).digest("hex"));
    }),
  );
  for (const text of ["", "x".repeat(4096), "x".repeat(4097), "文".repeat(2000)])
    expect(mac(text)).toBe(createHmac("sha256", key).update(text).digest("hex"));
  const hex = createHmac("sha256", key).update("word").digest("hex");
  expect(termKeyOf(key).digest("word")).toBe(Number.parseInt(hex.slice(0, 10), 16));
});

it("keys of a segment lie together, above those of every older one", () => {
  const highest = 2 ** 40 - 1;
  expect(keysOf([1], [0, highest])).toBe("{1099511627776,2199023255551}");
  expect(keysOf([2, 3], [0])).toBe("{2199023255552,3298534883328}");
  expect(BigInt(keysOf([8_388_607], [highest]).slice(1, -1))).toBe(2n ** 63n - 1n);
});

it("terms that are kept, once and again, do not keep the texts that they are pieces of", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const [many, length] = [300, 200_000];
  const { digest } = termKeyOf(key);
  const kept: string[] = [];
  const take = (keep: (term: string) => unknown): number => {
    const before = held();
    for (let at = 0; at < many; at++) {
      const text = Buffer.alloc(length, `a long text number ${at} of an agent, and more of it; `).toString("latin1");
      keep(text.slice(0, 48));
    }
    return held() - before;
  };
  // Pieces as they come do: this is what is told apart.
  expect(take((term) => kept.push(term))).toBeGreaterThan((many * length) / 2);
  kept.length = 0;
  for (const _ of ["once", "again"]) expect(take(digest)).toBeLessThan((many * length) / 10);
});
