import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Flood, readSse, type SseEvent } from "./sse.ts";

async function read(parts: readonly Uint8Array[], limits?: Parameters<typeof readSse>[1]): Promise<SseEvent[]> {
  async function* chunks() {
    yield* parts;
  }
  const events: SseEvent[] = [];
  for await (const event of readSse(chunks(), limits)) events.push(event);
  return events;
}

const stream =
  ': hello\n\nid: 1\nretry: 500\ndata: \n\nevent: message\ndata: {"a":\ndata: "é"}\n\ndata:x\r\ndata: y\r\n\r\nid: 2\ndata: last\n\n';
const events = [
  { data: "", id: "1", retryMs: 500 },
  { data: '{"a":\n"é"}' },
  { data: "x\ny" },
  { data: "last", id: "2" },
];

describe("server-sent events", () => {
  it("mean the same wherever the bytes are cut", async () => {
    const bytes = Buffer.from(stream);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: bytes.length })), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        expect(await read(at.slice(1).map((end, i) => bytes.subarray(at[i], end)))).toEqual(events);
      }),
    );
  });

  it("that are not finished are not told", async () => {
    expect(await read([Buffer.from("data: half")])).toEqual([]);
  });

  it("beyond a limit are a flood", async () => {
    const limits = { maxEventBytes: 100, maxStreamBytes: 1_000, maxEvents: 3 };
    const parts = (text: string, times: number) => Array.from({ length: times }, () => Buffer.from(text));
    await expect(read(parts("data: x\n\n", 4), limits)).rejects.toThrow(Flood);
    await expect(read(parts("x".repeat(60), 2), limits)).rejects.toThrow(Flood);
    await expect(read(parts(`data: ${"x".repeat(60)}\n`, 2), limits)).rejects.toThrow(Flood);
    await expect(read(parts(`: ${"x".repeat(60)}\n\n`, 20), limits)).rejects.toThrow(Flood);
    expect((await read(parts("data: x\n\n", 3), limits)).length).toBe(3);
  });
});
