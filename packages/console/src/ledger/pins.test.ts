import { expect, it } from "vitest";
import { forgetPinned, keepPinned, knownTrust, lostKeys, newKeys, readPinned, sizeOf } from "./pins.ts";

function memory() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
}

it("what was seen of a log is kept by its name, and can be forgotten", () => {
  const store = memory();
  keepPinned(store, "a/log", { keys: ["k1"], note: "a note\n" });
  keepPinned(store, "b/log", { keys: ["k2"] });
  expect(readPinned(store, "a/log")).toEqual({ keys: ["k1"], note: "a note\n" });
  expect(readPinned(store, "b/log")).toEqual({ keys: ["k2"] });
  forgetPinned(store, "a/log");
  expect(readPinned(store, "a/log")).toBeUndefined();
});

it("a key that is not named any more is noticed, a further one is not", () => {
  const seen = { keys: ["k1", "k2"] };
  expect(lostKeys(seen, [{ vkey: "k1" }, { vkey: "k2" }, { vkey: "k3" }])).toEqual([]);
  expect(lostKeys(seen, [{ vkey: "k2" }])).toEqual(["k1"]);
  expect(lostKeys(undefined, [{ vkey: "k2" }])).toEqual([]);
});

it("what cannot be read is nothing seen", () => {
  const store = memory();
  for (const text of ["{", "7", '{"keys":7}', '{"keys":[7]}']) {
    store.setItem("countersign.log.x", text);
    expect(readPinned(store, "x")).toBeUndefined();
  }
});

it("only keys that were seen before are trusted; on the first look, those that the server names", () => {
  const keys = [
    { vkey: "k1", from: 0, until: 9 },
    { vkey: "k2", from: 9 },
  ];
  const trust = { origin: "a/log", keys, lastCheckpoint: "the server's" };
  expect(knownTrust(undefined, trust)).toEqual(trust);
  const seen = { keys: ["k1"], note: "ours" };
  expect(knownTrust(seen, trust)).toEqual({ origin: "a/log", keys: [keys[0]], lastCheckpoint: "ours" });
  expect(newKeys(seen, keys)).toEqual([keys[1]]);
  expect(newKeys(undefined, keys)).toEqual([]);
});

it("a checkpoint says its size on its second line", () => {
  expect(sizeOf("a/log\n4812\nroot=\n")).toBe(4812);
  for (const note of ["a/log", "a/log\n-1\n", "a/log\nx\n"]) expect(sizeOf(note)).toBeUndefined();
});
