import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { systemClock } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { silent } from "../floor/log.ts";
import { type Ledger, openLedger } from "../ledger/ledger.ts";
import { SubjectKey } from "../ledger/seal.ts";
import type { Parts } from "./parts.ts";
import { type Heads, readNews } from "./read-news.ts";

let base: TestDatabase;
let parts: Parts;
let heads: Heads;
const wrap = { seal: (bytes: Uint8Array) => Buffer.from(bytes), open: (bytes: Uint8Array) => Buffer.from(bytes) };
beforeAll(async () => {
  base = await openTestDatabase();
  parts = { db: base.db } as Parts;
  ({ heads } = await readNews(parts, undefined, 500));
});
afterAll(() => base?.close());

const replica = (): Promise<Ledger> => openLedger({ db: base.db, clock: systemClock, log: silent, host: "test" });

async function write(ledger: Ledger): Promise<string> {
  const subject = newId("act");
  const key = new SubjectKey(subject, createHash("sha256").update(subject).digest());
  const entry = { subject, step: 0, kind: "intent" as const, from: "received" as const, to: "running" as const };
  const sealed = key.seal({
    ...entry,
    agent: "coder",
    workflow: "docs",
    tool: "files.write",
    run: "run_1",
    payload: {},
  });
  await ledger.append({ sealed: [sealed], keys: [{ subject, wrapped: key.wrapped(wrap) }] });
  return subject;
}

async function news(limit = 500): Promise<readonly string[]> {
  const found = await readNews(parts, heads, limit);
  heads = found.heads;
  return found.news.map(({ subject }) => subject);
}

/** As if that long had passed since everything that has ended here did. */
async function endedBefore(seconds: number): Promise<void> {
  await base.owner.query("update writer set fenced_at = fenced_at - $1 * interval '1 second'", [seconds]);
}

it("a replica that began and ended between two looks is read whole, and once", async () => {
  expect(await news()).toEqual([]);
  const brief = await replica();
  const [one, two, three] = [await write(brief), await write(brief), await write(brief)];
  await brief.close();
  expect(await news(2)).toEqual([one, two]);
  expect(await news(2)).toEqual([three]);
  expect(await news()).toEqual([]);
});

it("what has ended is forgotten, and never told again", async () => {
  const lasting = await replica();
  const brief = await replica();
  const [one, two] = [await write(brief), await write(lasting)];
  await brief.close();
  expect(new Set(await news())).toEqual(new Set([one, two]));
  expect(heads.seqs.has(brief.writer())).toBe(true);
  await endedBefore(20);
  expect(await news()).toEqual([]);
  expect([...heads.seqs.keys()]).toEqual([lasting.writer()]);
  expect(await news()).toEqual([]);
  const three = await write(lasting);
  expect(await news()).toEqual([three]);
  await lasting.close();
});

it("whoever was away for long is told of everybody who came and went meanwhile", async () => {
  const brief = await replica();
  const one = await write(brief);
  await brief.close();
  await endedBefore(20);
  heads = { ...heads, atUs: heads.atUs - 60_000_000 };
  expect(await news()).toContain(one);
});
