import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Problem } from "../floor/problem.ts";
import { createSealer, keyIdOf } from "./sealer.ts";
import { xaesKey, xaesOpen, xaesSeal } from "./xaes.ts";

const first = { id: "00000001", key: randomBytes(32) };
const second = { id: "00000002", key: randomBytes(32) };

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return thrown instanceof Problem ? thrown.code : "other";
  }
  return "none";
}

describe("XAES-256-GCM", () => {
  it("answers the specification's vectors", () => {
    const nonce = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWX");
    const plaintext = Buffer.from("XAES-256-GCM");
    const [a, b] = [xaesKey(Buffer.alloc(32, 1)), xaesKey(Buffer.alloc(32, 3))];
    const aad = Buffer.from("c2sp.org/XAES-256-GCM");
    expect(xaesSeal(a, nonce, plaintext, Buffer.alloc(0)).toString("hex")).toBe(
      "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271",
    );
    expect(xaesSeal(b, nonce, plaintext, aad).toString("hex")).toBe(
      "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
    );
    expect(xaesOpen(b, nonce, xaesSeal(b, nonce, plaintext, aad), aad)).toEqual(plaintext);
  });
});

describe("sealer", () => {
  it("opens what it sealed, for the same place only", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), fc.string(), (plain, aad, other) => {
        const sealer = createSealer([first]);
        const sealed = sealer.seal(plain, aad);
        expect(sealer.open(sealed, aad)).toEqual(Buffer.from(plain));
        if (aad !== other) expect(codeOf(() => sealer.open(sealed, other))).toBe("conflict");
      }),
      { numRuns: 200 },
    );
  });

  it("refuses every flipped bit and every cut", () => {
    const sealer = createSealer([first]);
    const sealed = sealer.seal(Buffer.from("payload"), "place");
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(["conflict", "unavailable"], `bit ${bit}`).toContain(codeOf(() => sealer.open(flipped, "place")));
    }
    for (let length = 0; length < sealed.length; length++)
      expect(codeOf(() => sealer.open(sealed.subarray(0, length), "place"))).toBe("conflict");
  });

  it("seals under the first key and opens under any that is kept", () => {
    const old = createSealer([first]).seal(Buffer.from("old"), "a");
    const both = createSealer([second, first]);
    expect(both.open(old, "a").toString()).toBe("old");
    expect(keyIdOf(both.seal(Buffer.from("new"), "a"))).toBe(second.id);
    expect(codeOf(() => createSealer([second]).open(old, "a"))).toBe("unavailable");
    // The id is bound: a row cannot be moved to another key by relabelling it.
    const relabelled = Buffer.concat([old.subarray(0, 1), Buffer.from(second.id, "hex"), old.subarray(5)]);
    expect(codeOf(() => createSealer([{ id: second.id, key: first.key }]).open(relabelled, "a"))).toBe("conflict");
  });

  it("wraps fresh keys, and takes nothing else for a key", () => {
    const sealer = createSealer([first]);
    const { key, wrapped } = sealer.createKey("act_1");
    expect(sealer.unwrapKey(wrapped, "act_1")).toEqual(key);
    expect(codeOf(() => sealer.unwrapKey(sealer.seal(Buffer.from("short"), "act_1"), "act_1"))).toBe("conflict");
    expect(codeOf(() => createSealer([]))).toBe("unavailable");
  });
});
