import { describe, expect, it } from "vitest";
import { type Compared, pairUp } from "./compare.ts";

function calls(text: string): Compared[] {
  return text.split(" ").flatMap((one, at) => {
    const [tool = "", target = "", state = "done", argsDigest = "x"] = one.split("/");
    return one === "" ? [] : [{ id: `${at}`, tool, target, state, argsDigest }];
  });
}
const hows = (left: string, right: string): string =>
  pairUp(calls(left), calls(right))
    .map(({ how, left: one, right: other }) => `${how}:${one?.target ?? "-"}${other?.target ?? "-"}`)
    .join(" ");

describe("two runs", () => {
  it("are aligned by tool and target", () => {
    expect(hows("read/a write/b", "read/a write/b")).toBe("same:aa same:bb");
    expect(hows("read/a read/x write/b", "read/a write/b")).toBe("same:aa left:x- same:bb");
    expect(hows("read/a write/b", "read/a list/y write/b")).toBe("same:aa right:-y same:bb");
  });

  it("show what ended otherwise, and the same tool on another target", () => {
    expect(hows("write/b", "write/b/refused")).toBe("ended:bb");
    expect(hows("read/a write/b read/z", "read/a write/c read/z")).toBe("same:aa target:bc same:zz");
    expect(hows("w/1 w/2", "w/3 w/4")).toBe("target:13 target:24");
  });

  it("did not do the same where the arguments differ, or are not known any more", () => {
    expect(hows("write/b/done/1", "write/b/done/1")).toBe("same:bb");
    expect(hows("write/b/done/1", "write/b/done/2")).toBe("arguments:bb");
    expect(hows("write/b/done/1", "write/b/failed/2")).toBe("arguments:bb");
    expect(hows("write/b/done/", "write/b/done/1")).toBe("erased:bb");
    expect(hows("write/b/done/", "write/b/done/")).toBe("erased:bb");
    expect(hows("write//done/", "write//done/")).toBe("erased:");
  });

  it("are aligned by the arguments first: what one of them did again stands by itself", () => {
    expect(hows("write/b/done/1 write/b/done/2", "write/b/done/2")).toBe("left:b- same:bb");
    expect(hows("write/b/done/1 write/b/done/2 read/a", "write/b/done/3 write/b/done/2 read/a")).toBe(
      "arguments:bb same:bb same:aa",
    );
  });

  it("lose no call of either, whatever they are", () => {
    for (const [left, right] of [
      ["", "a/1 b/2"],
      ["a/1 a/2 a/3", "a/3 a/2 a/1"],
      ["a/1 b/1 a/1", "b/1 a/1 b/1"],
    ] as const) {
      const pairs = pairUp(calls(left), calls(right));
      expect(pairs.flatMap(({ left: one }) => (one === undefined ? [] : [one.id]))).toEqual(
        calls(left).map(({ id }) => id),
      );
      expect(pairs.flatMap(({ right: one }) => (one === undefined ? [] : [one.id]))).toEqual(
        calls(right).map(({ id }) => id),
      );
    }
  });
});
