import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestDefinition, readDefinition } from "./definition.ts";
import { difference, holdsHidden } from "./difference.ts";
import { statusWhenListed } from "./pin.ts";
import type { Definition } from "./tool.ts";
import { visible } from "./visible.ts";

const definition: Definition = {
  name: "send",
  title: "Send",
  description: "Sends a message.",
  inputSchema: { type: "object", properties: { to: { type: "string", enum: ["a", "b"] } }, required: ["to"] },
  annotations: { readOnlyHint: false },
  icons: [{ src: "https://acme.example/i.png" }],
};

describe("difference", () => {
  it("names every member that changed, wherever it is", () => {
    const after = {
      ...definition,
      description: "Sends a message!",
      annotations: { readOnlyHint: true },
      icons: [{ src: "https://evil.example/i.png" }],
      _meta: { x: 1 },
    };
    expect(difference(definition, after)).toEqual([
      '~ /description: "Sends a message." -> "Sends a message!"',
      "~ /annotations/readOnlyHint: false -> true",
      '~ /icons/0/src: "https://acme.example/i.png" -> "https://evil.example/i.png"',
      "+ /_meta/x: 1",
    ]);
    expect(difference(after, definition)).toContain("- /_meta/x: 1");
    expect(difference(definition, definition)).toEqual([]);
  });

  it("writes out what cannot be seen and cannot be imitated", () => {
    const after = { ...definition, description: "Sends a mess\u200bage.\u202e\u0007 \\u{200b}\u{e0041}" };
    expect(difference(definition, after)).toEqual([
      '~ /description: "Sends a message." -> "Sends a mess\\u{200b}age.\\u{202e}\\u0007 \\\\u{200b}\\u{e0041}"  (holds characters that cannot be seen)',
    ]);
    expect(holdsHidden(after)).toBe(true);
    expect(holdsHidden(definition)).toBe(false);
  });

  it("tells another order of a list, and of members", () => {
    const schema = { type: "object", properties: { to: { enum: ["b", "a"], type: "string" } }, required: ["to"] };
    expect(difference(definition, { ...definition, inputSchema: schema })).toEqual([
      '^ /inputSchema/properties/to/enum: ["a","b"] -> ["b","a"]',
      "^ /inputSchema/properties/to: members in another order",
    ]);
  });

  it("shows every leaf of a definition that is new", () => {
    expect(difference(undefined, { name: "x", inputSchema: { type: "object", properties: {} } })).toEqual([
      '+ /name: "x"',
      '+ /inputSchema/type: "object"',
      "+ /inputSchema/properties: {}",
    ]);
  });

  it("is never empty where the digest differs", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (left, right) => {
        const [before, after] = [left, right].map(
          (x) => readDefinition(JSON.parse(JSON.stringify({ ...definition, x }))) ?? definition,
        );
        if (before === undefined || after === undefined) return;
        if (digestDefinition(before) !== digestDefinition(after)) expect(difference(before, after)).not.toEqual([]);
      }),
    );
  });
});

describe("digestDefinition", () => {
  it("moves with one flipped bit anywhere in a definition", () => {
    const text = JSON.stringify(definition);
    const digest = digestDefinition(definition);
    let compared = 0;
    for (let at = 0; at < text.length; at++) {
      for (const bit of [1, 2, 32]) {
        const flipped = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ bit) + text.slice(at + 1);
        const read = parsed(flipped);
        if (read === undefined) continue;
        compared += 1;
        expect(digestDefinition(read), flipped).not.toBe(digest);
      }
    }
    expect(compared).toBeGreaterThan(200);
  });

  it("gives none to a name or a text that cannot be relied on", () => {
    for (const name of ["a b", "a\u200b", "a\0", "", "a".repeat(129)])
      expect(digestDefinition({ ...definition, name })).toBeUndefined();
    expect(digestDefinition({ ...definition, description: "\ud800" })).toBeUndefined();
  });
});

describe("statusWhenListed", () => {
  it("pins only what a pack names or a person pinned before", () => {
    const statuses = [undefined, "pinned", "changed", "new", "removed", "rejected", "superseded"] as const;
    const table = statuses.map((known) => [
      known,
      statusWhenListed(known, { isPinned: false, isShipped: false }),
      statusWhenListed(known, { isPinned: true, isShipped: false }),
    ]);
    expect(table).toEqual([
      [undefined, "new", "changed"],
      ["pinned", undefined, undefined],
      ["changed", undefined, undefined],
      ["new", undefined, undefined],
      ["removed", "pinned", "changed"],
      ["rejected", undefined, undefined],
      ["superseded", "changed", "changed"],
    ]);
    expect(statusWhenListed("rejected", { isPinned: false, isShipped: true })).toBeUndefined();
    expect(statusWhenListed(undefined, { isPinned: true, isShipped: true })).toBe("pinned");
  });
});

describe("visible", () => {
  it("leaves what can be seen alone", () => {
    expect(visible("Grüße, 漢字 😀 a-b_c")).toBe("Grüße, 漢字 😀 a-b_c");
    expect(visible("a\u00a0b\u2028\u00ad\ufe0f")).toBe("a\\u{00a0}b\\u{2028}\\u{00ad}\\u{fe0f}");
  });
});

function parsed(text: string): Definition | undefined {
  try {
    const value = JSON.parse(text);
    return JSON.stringify(value) === JSON.stringify(definition) ? undefined : readDefinition(value);
  } catch {
    return undefined;
  }
}
