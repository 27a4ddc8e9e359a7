import { describe, expect, it } from "vitest";
import { isUnopened, lookedAt, partsOf } from "./looked.ts";

const unknown = { known: false } as const;
const files = (count: number) => Array.from({ length: count }, (_, at) => ({ filename: `f${at}`, patch: "+ one" }));
const value = (at: string) => ({ kind: "value", at, before: 1, after: 2 }) as const;
const text = (at: string, lines: readonly string[]) =>
  ({ kind: "text", at, added: lines.length, removed: 0, lines }) as const;
const known = (...changes: readonly (ReturnType<typeof value> | ReturnType<typeof text>)[]) =>
  ({ known: true, changes, beside: [] }) as const;

describe("MT-198 what there is to look at", () => {
  it("is each change where the difference is known, and nothing else tells more", () => {
    const parts = partsOf({ args: { files: files(2) }, before: { a: 1 } }, known(value("a"), text("b", ["+ xy"])));
    expect(parts.map(({ id, name }) => [id, name])).toEqual([
      ["change/0", "a"],
      ["change/1", "b"],
      ["call", "the call"],
      ["why", "why people are asked"],
    ]);
    expect(parts[1]?.size).toBe(4);
  });

  it("is each file of the state before and of the call where it is not, and else both as a whole", () => {
    const before = {
      structuredContent: { files: files(2) },
      content: [{ type: "text", text: JSON.stringify({ files: files(2) }) }],
    };
    const parts = partsOf({ args: { changes: [{ path: "g" }] }, before }, unknown);
    expect(parts.map(({ id, name }) => [id, name])).toEqual([
      ["file/0", "f0"],
      ["file/1", "f1"],
      ["file/2", "g"],
      ["call", "the call"],
      ["before", "what is there now"],
      ["why", "why people are asked"],
    ]);
    expect(partsOf({ args: { n: 1 } }, unknown).map(({ id }) => id)).toEqual(["call", "why"]);
    expect(partsOf({}, undefined).map(({ id }) => id)).toEqual(["call", "why"]);
  });

  it("finds the files of an answer that is a text, and of no text that only looks like one", () => {
    const of = (said: string) =>
      partsOf({ args: {}, before: { content: [{ type: "text", text: said }] } }, unknown).filter(
        ({ kind }) => kind === "file",
      ).length;
    expect(of(JSON.stringify([{ path: "a" }, { path: "b" }]))).toBe(2);
    expect(of('[{"path": "a"')).toBe(0);
    expect(of("a file at /path")).toBe(0);
    expect(of(`${"[".repeat(500)}${"]".repeat(500)}`)).toBe(0);
    expect(of(JSON.stringify(files(400)))).toBe(300);
  });
});

describe("MT-198 whether most of it was never opened", () => {
  const skims = (count: number, opened: readonly string[] | "all", asked = 0, size = 10) => {
    const parts = partsOf(
      { args: {}, before: { files: files(count).map((one) => ({ ...one, patch: "x".repeat(size) })) } },
      unknown,
    );
    return isUnopened(parts, lookedAt(parts, opened, asked));
  };

  it("is so of several parts, or of a long one, and of no short change", () => {
    expect(skims(3, [])).toBe(true);
    expect(skims(2, [])).toBe(false);
    expect(skims(1, [], 0, 3_000)).toBe(true);
    expect(skims(1, ["file/0"], 0, 3_000)).toBe(false);
  });

  it("takes half of what tells: the call and the reasons are none of it", () => {
    expect(skims(4, ["file/0", "call", "why", "before"])).toBe(true);
    expect(skims(4, ["file/0", "file/3"])).toBe(false);
    expect(skims(5, ["file/0", "file/3"])).toBe(true);
    expect(skims(5, "all")).toBe(false);
  });

  it("counts the call among the changes where the difference does not tell of all of it", () => {
    const effect = { ...known(value("a"), value("b")), beside: ["fields.assignee"] };
    const parts = partsOf({ args: { n: 1 } }, effect);
    expect(parts.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      "change/0 change",
      "change/1 change",
      "call change",
      "why why",
    ]);
    expect(lookedAt(parts, ["change/0"], 0)).toMatchObject({ of: 3, seen: 1 });
    expect(isUnopened(parts, lookedAt(parts, ["change/0"], 0))).toBe(true);
    expect(isUnopened(parts, lookedAt(parts, ["change/0", "call"], 0))).toBe(false);
  });

  it("is not so of whoever asked back", () => {
    expect(skims(30, [], 1)).toBe(false);
  });

  it("keeps nothing that the request does not have", () => {
    const parts = partsOf({ args: { n: 1 } }, unknown);
    expect(lookedAt(parts, ["why", "file/9", "call"], 0)).toEqual({
      opened: ["call", "why"],
      of: 1,
      seen: 1,
      asked: 0,
    });
  });
});
