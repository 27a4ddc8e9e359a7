import type { Json, JsonObject } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { effectOf } from "./effect.ts";

const at = "2026-11-26T06:00:00Z";
const inverse = (tool: string, args: JsonObject, before: Json) =>
  ({ kind: "inverse", tool, args, before, capturedAt: at, sentence: "puts it back" }) as const;

function shown(args: JsonObject, undo: JsonObject, before: Json) {
  return effectOf({ tool: "set", args, before, plan: inverse("set", undo, before) });
}

describe("the effect of a call", () => {
  it("is the values that it replaces, old and new, also deep within an argument", () => {
    const before = { flag: { key: "new-checkout", rollout: 0, rules: [{ to: "all" }] } };
    expect(
      shown({ key: "new-checkout", patch: { rollout: 10 } }, { key: "new-checkout", patch: { rollout: 0 } }, before),
    ).toEqual({
      known: true,
      sentence: "patch.rollout from 0 to 10",
      changes: [{ kind: "value", at: "patch.rollout", before: 0, after: 10 }],
      beside: [],
    });
  });

  it("is the lines of a text, counted, and says which arguments it does not tell of", () => {
    const before = { structuredContent: { content: "a\nb\n" } };
    const effect = shown({ path: "p", content: "a\nc\n", mode: "fast" }, { path: "p", content: "a\nb\n" }, before);
    expect(effect).toMatchObject({ sentence: "2 lines of content: 1 added, 1 removed", beside: ["mode"] });
    expect(effect.known && effect.changes).toMatchObject([{ lines: ["  a", "- b", "+ c"] }]);
  });

  it("names what it does not tell of at every depth, also beside what it tells of in the same argument", () => {
    const before = { issue: { summary: "old", assignee: "ana" } };
    const call = {
      key: "A-1",
      fields: { summary: "new", assignee: "mallory", webhook: { url: "https://evil.example" } },
    };
    expect(shown(call, { key: "A-1", fields: { summary: "old" } }, before)).toMatchObject({
      known: true,
      sentence: 'fields.summary from "old" to "new"',
      beside: ["fields.assignee", "fields.webhook"],
    });
    const deep = (inner: JsonObject): JsonObject => ({ a: { b: { c: inner } } });
    expect(shown(deep({ summary: "new", x: 2 }), deep({ summary: "old", x: 1 }), before)).toMatchObject({
      changes: [{ at: "a.b.c.summary" }],
      beside: ["a.b.c.x"],
    });
    // A record that is put whole takes away what it leaves out.
    expect(shown(deep({ summary: "new" }), deep({ summary: "old", x: 1 }), before)).toMatchObject({
      beside: ["a.b.c.x"],
    });
  });

  it("takes no name with a dot in it for a place that is told", () => {
    const before = { issue: { id: 1, summary: "old" } };
    const call = { "fields.summary": "sly", "a, b": 1, toString: 2, fields: { summary: "new" } };
    expect(shown(call, { fields: { summary: "old" } }, before)).toMatchObject({
      changes: [{ at: "fields.summary" }],
      beside: ['"fields.summary"', '"a, b"', "toString"],
    });
  });

  it("is nothing where the call is what would undo it, and not known where only names are the same", () => {
    const before = { id: 7, body: "x" };
    expect(shown({ id: 7, body: "x" }, { id: 7, body: "x" }, before)).toMatchObject({
      known: true,
      changes: [],
      sentence: "it changes nothing that is known: what it writes is there already",
    });
    expect(shown({ id: 7, close: true }, { id: 7, body: "x" }, before)).toMatchObject({ known: false });
  });

  it.each<[string, Parameters<typeof effectOf>[0], string]>([
    [
      "it cannot be undone",
      { tool: "t", args: {}, plan: { kind: "irreversible", reason: "it is gone" } },
      "it is gone",
    ],
    [
      "no state was read",
      { tool: "t", args: {}, plan: inverse("t", {}, null) },
      "the catalog names no read of the state before",
    ],
    [
      "another tool undoes it",
      { tool: "t", args: {}, before: {}, plan: inverse("u", {}, {}) },
      "undone by another tool, `u`",
    ],
    ["nothing is known of its undo", { tool: "t", args: {} }, "nothing is known of how it would be undone"],
  ])("is honestly not known where %s", (_, shows, reason) => {
    const effect = effectOf(shows);
    expect(effect.known).toBe(false);
    expect(!effect.known && effect.reason).toContain(reason);
  });

  describe("that edits a text", () => {
    const edits = { argument: "edits", from: "old", to: "new", undo: "content" };
    const edit = (text: string, ...list: readonly JsonObject[]) =>
      effectOf({
        tool: "edit",
        args: { path: "p", edits: list },
        before: { text },
        plan: { ...inverse("write", { path: "p", content: text }, { text }), edits },
      });

    it("is the lines of the text as the edits leave it, one after the other", () => {
      expect(edit("a\nb\nc\n", { old: "b", new: "B" }, { old: "B\nc", new: "B\nd" })).toMatchObject({
        known: true,
        sentence: "4 lines of content: 2 added, 2 removed",
        changes: [{ at: "content", lines: ["  a", "- b", "- c", "+ B", "+ d"] }],
        beside: [],
      });
    });

    it("names what an edit says besides its two texts", () => {
      expect(edit("a\nb\n", { old: "a", new: "A" }, { old: "b", new: "B", mode: "forced" })).toMatchObject({
        known: true,
        beside: ["edits.1.mode"],
      });
    });

    it.each<[string, string, JsonObject]>([
      ["does not stand in what is there now", "a\n", { old: "x", new: "y" }],
      ["stands there more than once", "aa\n", { old: "a", new: "y" }],
      ["signs that a server may read in its own way", "a\n", { old: "a", new: "$&" }],
      ["line ends that a server may change", "a\r\n", { old: "a", new: "b" }],
      ["is no pair of texts", "a\n", { old: "a" }],
    ])("is not known where it %s", (why, text, one) => {
      const effect = edit(text, one);
      expect(!effect.known && effect.reason).toContain(why);
    });
  });

  it("does not take a value that only the call says for the state before", () => {
    // Names are swapped in the undo of a move: neither is a state.
    const effect = effectOf({
      tool: "move",
      args: { from: "a", to: "b" },
      before: { entries: 3 },
      plan: inverse("move", { from: "b", to: "a" }, { entries: 3 }),
    });
    expect(effect.known).toBe(false);
  });

  it("leaves nothing of two long texts unsaid", () => {
    const [old, now] = ["x\n".repeat(600_000), "y\n".repeat(600_000)];
    const effect = shown({ content: now }, { content: old }, { content: old });
    expect(effect.known && effect.changes[0]).toMatchObject({ kind: "text" });
    const [change] = effect.known ? effect.changes : [];
    expect(change?.kind === "text" && change.lines.filter((line) => line.startsWith("+ y"))).toHaveLength(600_000);
  });
});
