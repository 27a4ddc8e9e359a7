import { expect, it } from "vitest";
import { changedSince, draftKey, forgetDrafts, keepDraft, olderDraft, readDraft } from "./kept-draft.ts";

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

it("is forgotten where its person logs out, over whichever base, and nobody else's with it", () => {
  const store = storage();
  for (const key of [draftKey("ana@acme.example", "sha256:1"), draftKey("ana@acme.example", "sha256:2")])
    keepDraft(store, key, { a: "b" }, at);
  const bo = draftKey("bo@acme.example", "sha256:1");
  keepDraft(store, bo, { a: "b" }, at);
  store.setItem("countersign.keys", "off");
  forgetDrafts(store, "ana@acme.example");
  expect(Array.from({ length: store.length }, (_, one) => store.key(one))).toEqual([bo, "countersign.keys"]);
});

it("says what changed in force after its base, and where that cannot be told", () => {
  const one = (digest: string, ...changed: string[]) => ({
    ...{ revision: 1, at, by: "ana@acme.example", signedBy: null, single: false, receipt: null },
    digest,
    changed,
  });
  const history = [one("c", "z", "y"), one("b", "y"), one("a", "x")];
  expect(changedSince(history, "a")).toEqual(["y", "z"]);
  expect(changedSince(history, "c")).toEqual([]);
  expect(changedSince(history, "before")).toBeUndefined();
  // Gone back to: what lay between is undone.
  expect(changedSince([one("a", "y"), ...history], "a")).toEqual([]);
});
