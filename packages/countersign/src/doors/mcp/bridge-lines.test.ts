import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LongLine, linesOf } from "./bridge-lines.ts";

async function read(...chunks: readonly (string | Uint8Array)[]): Promise<readonly (string | LongLine)[]> {
  return Array.fromAsync(linesOf(Readable.from(chunks.map((chunk) => Buffer.from(chunk)))));
}

const large = "x".repeat(1_200_000);
const asking = {
  method: "tools/call",
  params: { id: 1, name: "t", arguments: { text: large, 'method"': ["}", { id: 2 }] } },
};

describe("lines of the input", () => {
  it("are the same wherever the bytes are cut", async () => {
    const bytes = Buffer.from('{"a":"é"}\n\n  \r\n{"b":1}\r\nlast');
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: bytes.length })), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const found = await read(...at.slice(1).map((end, i) => bytes.subarray(at[i], end)));
        expect(found).toEqual(['{"a":"é"}', '{"b":1}\r', "last"]);
      }),
    );
  });

  it("that are too long are told by their own id, wherever it stands, and the next is whole again", async () => {
    for (const [message, told] of [
      [
        { jsonrpc: "2.0", id: 7, ...asking },
        { id: 7, asks: true },
      ],
      [
        { ...asking, jsonrpc: "2.0", id: 'seven \\" {' },
        { id: 'seven \\" {', asks: true },
      ],
      [
        { ...asking, jsonrpc: "2.0" },
        { id: undefined, asks: true },
      ],
      [
        { jsonrpc: "2.0", id: 8, result: asking },
        { id: 8, asks: false },
      ],
      [
        { ...asking, id: { id: 3 } },
        { id: undefined, asks: true },
      ],
      [[{ ...asking, id: 4 }], { id: undefined, asks: false }],
    ] as const) {
      const line = JSON.stringify(message);
      expect(await read(`${line}\nnext`)).toEqual([told, "next"]);
      const cuts = [0, 5, 700_000, 1_199_990, line.length - 3];
      const pieces = cuts.map((from, i) => line.slice(from, cuts[i + 1]));
      expect(await read(...pieces, "\nnext\n")).toEqual([told, "next"]);
      expect(await read("first\n", ...pieces)).toEqual(["first", told]);
    }
  });
});
