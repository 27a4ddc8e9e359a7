import { GrowingTree } from "@countersign/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../floor/digest.ts";
import { parseTilePath, tilePath } from "./tile.ts";
import { Edge } from "./tree.ts";

const leaf = (n: number): Buffer => sha256(`leaf ${n}`);

describe("the edge of the tree", () => {
  it("has the root of RFC 6962 at every size, and fills tiles where they end", async () => {
    const edge = new Edge();
    const grown = new GrowingTree();
    const tiles: string[] = [];
    for (let n = 0; n < 1_030; n++) {
      expect(edge.root().equals(Buffer.from(await grown.root())), `size ${n}`).toBe(true);
      for (const tile of edge.append(leaf(n))) tiles.push(`${tile.level}/${tile.index} at ${n}`);
      await grown.append(new Uint8Array(leaf(n)));
    }
    expect(tiles).toEqual(["0/0 at 255", "0/1 at 511", "0/2 at 767", "0/3 at 1023"]);
  });

  it("fills a tile of the second level", () => {
    const edge = new Edge();
    let last: string[] = [];
    for (let n = 0; n < 65_536; n++) last = edge.append(leaf(n)).map((tile) => `${tile.level}/${tile.index}`);
    expect(last).toEqual(["0/255", "1/0"]);
  });
});

describe("a tile's path", () => {
  it("is that of C2SP tlog-tiles", () => {
    expect(tilePath(0, 1_234_067)).toBe("tile/0/x001/x234/067");
    expect(tilePath("entries", 5, 17)).toBe("tile/entries/005.p/17");
  });

  it("reads back, and nothing else does", () => {
    const level = fc.oneof(fc.nat(63), fc.constant("entries" as const));
    fc.assert(
      fc.property(level, fc.nat(), fc.integer({ min: 1, max: 256 }), (l, index, width) => {
        expect(parseTilePath(tilePath(l, index, width))).toEqual({ level: l, index, width });
      }),
    );
    for (const path of [
      "tile/0/1",
      "tile/00/001",
      "tile/0/x000/001",
      "tile/0/001.p/0",
      "tile/0/001.p/256",
      "tile/0/001.p/300",
      "tile/0/../001",
    ]) {
      expect(parseTilePath(path)).toBeUndefined();
    }
  });
});
