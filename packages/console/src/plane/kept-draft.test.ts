import { expect, it } from "vitest";
import { draftKey, keepDraft, olderDraft, readDraft } from "./kept-draft.ts";

function storage(full = false) {
  const all = new Map<string, string>();
  return {
    getItem: (key: string) => all.get(key) ?? null,
    setItem(key: string, value: string) {
      if (full) throw new DOMException("no room", "QuotaExceededError");
      all.set(key, value);
    },
    removeItem: (key: string) => void all.delete(key),
    key: (at: number) => [...all.keys()][at] ?? null,
    get length() {
      return all.size;
    },
  };
}

const at = "2026-11-26T12:04:00.000Z";

it("is kept for one person over one base, and read by nobody else and over nothing else", () => {
  const store = storage();
  const key = draftKey("ana@acme.example", "sha256:1");
  expect(keepDraft(store, key, { "policies/a.cedar": "x", "policies/b.cedar": null }, at)).toBe(true);
  expect(readDraft(store, key)).toEqual({ edits: { "policies/a.cedar": "x", "policies/b.cedar": null }, at });
  expect(readDraft(store, draftKey("bo@acme.example", "sha256:1"))).toBeUndefined();
  expect(readDraft(store, draftKey("ana@acme.example", "sha256:2"))).toBeUndefined();
  expect(olderDraft(store, "ana@acme.example", draftKey("ana@acme.example", "sha256:2"))).toMatchObject({ key });
  expect(olderDraft(store, "ana@acme.example", key)).toBeUndefined();
  expect(olderDraft(store, "bo@acme.example", "")).toBeUndefined();
  keepDraft(store, key, {}, at);
  expect(store.length).toBe(0);
});

it("is nothing where what is kept is no draft, and says where there is no room", () => {
  const store = storage();
  for (const bad of ["{", "null", "[]", '{"edits":{"a":1},"at":"2026-11-26T12:04:00Z"}', '{"edits":{},"at":"soon"}']) {
    store.setItem("k", bad);
    expect(readDraft(store, "k")).toBeUndefined();
  }
  expect(keepDraft(storage(true), "k", { a: "b" }, at)).toBe(false);
});
