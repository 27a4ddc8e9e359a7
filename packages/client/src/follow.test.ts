import { Flaw } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { base64s, TestLog, testKey } from "../../contract/vectors/log.ts";
import { follow } from "./follow.ts";
import { memoryPins } from "./pin.ts";
import { Wire } from "./wire.ts";

const origin = "log.acme.example/countersign";

async function grown(count: number, first = "act_01m82000000000000000000000"): Promise<TestLog> {
  const log = new TestLog(origin);
  for (let n = 0; n < count; n++)
    await log.append(
      "wrt_01m82000000000000000000000",
      n === 0 ? first : `act_01m8200000000000000000000${n}`,
      ["refused", null, "refused"],
      { n },
    );
  return log;
}

/** A server that shows this log at this size, and proves what it is asked. */
function serving(log: TestLog, note: string): Wire {
  const answer: typeof fetch = async (input) => {
    const url = new URL(String(input));
    if (url.pathname === "/v1/ledger/checkpoint") return new Response(note);
    const [from, to] = [Number(url.searchParams.get("from")), Number(url.searchParams.get("to"))];
    return Response.json({ from, to, proof: base64s(await log.consistency(from, to)) });
  };
  return new Wire({ url: "http://localhost:1", fetch: answer });
}

async function flawOf(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => "nothing",
    (reason: unknown) => reason,
  );
  return thrown instanceof Flaw ? thrown.code : String(thrown);
}

describe("following the log", () => {
  it("pins the first checkpoint, and moves the pin only along a proof", async () => {
    const key = await testKey(origin, 7);
    const trust = { origin, keys: [{ vkey: key.vkey, from: 0 }] };
    const log = await grown(5);
    const pins = memoryPins();
    expect((await follow(serving(log, await log.note([key], 3)), trust, pins)).since).toBe("first");
    expect((await follow(serving(log, await log.note([key], 3)), trust, pins)).since).toBe("same");
    expect((await follow(serving(log, await log.note([key], 5)), trust, pins)).since).toBe("consistent");
    expect(await pins.read(origin)).toBe(await log.note([key], 5));
  });

  it("refuses another past, a shorter log and a stranger's key, and keeps the pin", async () => {
    const key = await testKey(origin, 7);
    const trust = { origin, keys: [{ vkey: key.vkey, from: 0 }] };
    const log = await grown(5);
    const other = await grown(6, "act_01m82zzzzzzzzzzzzzzzzzzzzz");
    const pins = memoryPins();
    await follow(serving(log, await log.note([key], 4)), trust, pins);
    const pinned = await pins.read(origin);
    expect(await flawOf(follow(serving(other, await other.note([key], 6)), trust, pins))).toBe("fork");
    expect(await flawOf(follow(serving(other, await other.note([key], 4)), trust, pins))).toBe("fork");
    expect(await flawOf(follow(serving(log, await log.note([key], 3)), trust, pins))).toBe("fork");
    const stranger = await testKey(origin, 8);
    expect(await flawOf(follow(serving(log, await log.note([stranger], 5)), trust, pins))).toBe("unknown_key");
    expect(await pins.read(origin)).toBe(pinned);
  });
});
