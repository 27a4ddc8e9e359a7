import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Trust, verifyBundle, verifyConsistency, verifyInclusion, verifyLog } from "@countersign/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Db } from "../db/db.ts";
import { buildBundle } from "./bundle.ts";
import { openOwn } from "./checkpoint.ts";
import { exportLog, verifyDatabase } from "./export-log.ts";
import { eraseKeys } from "./key-sql.ts";
import { type LogFixture, openLogFixture } from "./log-fixture.ts";
import { hashesOf, latestCheckpoint } from "./log-sql.ts";
import { consistencyProof, inclusionProof } from "./prove.ts";
import { openSigningKey, trustFile } from "./signing-key.ts";
import { readEntryBundle, readTile } from "./tile.ts";

let log: LogFixture;
beforeEach(async () => {
  log = await openLogFixture();
});
afterEach(() => log.close());

const trust = (): Promise<Trust> => trustFile(log.base.db, log.origin);
const bytes = (text: string): Uint8Array => Buffer.from(text);

async function bundle(subject: string, more: object = {}) {
  const { current: signer } = await openSigningKey(log.base.db, log.folder, log.origin);
  return buildBundle(log.base.db, { signer, subject: await log.read(subject), ...more });
}

describe("the sequencer", () => {
  it("puts what several writers wrote into one tree that verifies, and rests when nothing comes", async () => {
    const writers = [await log.writer(), await log.writer(), await log.writer()];
    const sequencer = log.sequencer();
    for (let i = 0; i < 5; i++) {
      await Promise.all(writers.flatMap((writer) => Array.from({ length: 7 }, () => log.act(writer))));
      expect(await sequencer.round()).toBe(42);
    }
    expect(await sequencer.round()).toBe(0);
    const { rows } = await log.base.db.query<{ n: number }>("select count(*)::int as n from checkpoint");
    expect(rows[0]?.n).toBe(5);
    expect(await verifyDatabase(log.base.db, await trust())).toMatchObject({ ok: true, size: 210, unsequenced: 0 });
    expect(log.alarms).toEqual([]);
  });

  it("says that the proof is pending, then proves it, and goes on proving it after the key was erased", async () => {
    const subject = await log.act(await log.writer());
    const sequencer = log.sequencer();
    const before = await bundle(subject);
    expect(before.proof).toBe("pending");
    expect((await verifyBundle(bytes(before.text), await trust())).proof).toBe("pending");
    await sequencer.round();
    const after = await bundle(subject);
    expect(after.proof).toBe("included");
    expect(await verifyBundle(bytes(after.text), await trust())).toMatchObject({ ok: true, withheld: [], pin: "same" });
    await eraseKeys(log.base.db, [subject]);
    const erased = await bundle(subject);
    expect(await verifyBundle(bytes(erased.text), await trust())).toMatchObject({ ok: true, withheld: [0, 1] });
    expect(erased.text).not.toContain("args");
  });

  it("folds writers that are gone, so that a checkpoint does not grow with every restart", async () => {
    const sequencer = log.sequencer();
    for (let i = 0; i < 6; i++) {
      const writer = await log.writer();
      await log.act(writer);
      await writer.close();
      await sequencer.round();
    }
    const last = await latestCheckpoint(log.base.db);
    const { heads, closed } = await openOwn(log.base.db, log.origin, last?.note ?? "");
    expect({ open: heads.length, closed: closed.count }).toEqual({ open: 0, closed: 6 });
    expect(await verifyDatabase(log.base.db, await trust())).toMatchObject({ ok: true, size: 12 });
  });

  it("proves inclusion and consistency between any two checkpoints, also across full tiles", async () => {
    const writer = await log.writer();
    const sequencer = log.sequencer();
    const notes: string[] = [];
    for (const count of [1, 2, 60, 64, 1, 90, 150]) {
      await Promise.all(Array.from({ length: count }, () => log.act(writer)));
      await sequencer.round();
      notes.push((await latestCheckpoint(log.base.db))?.note ?? "");
    }
    const heads = await Promise.all(notes.map((note) => openOwn(log.base.db, log.origin, note)));
    const hash = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
    for (const to of heads) {
      for (const from of heads.filter((head) => head.size <= to.size)) {
        const proof = await consistencyProof(log.base.db, from.size, to.size);
        expect(
          await verifyConsistency(
            { from: from.size, fromRoot: hash(from.root), to: to.size, toRoot: hash(to.root) },
            proof,
          ),
        ).toBe(true);
      }
      const rows = (await hashesOf(log.base.db, 0, 0, to.size)).map((leaf, index) => ({ index, leaf }));
      expect(rows).toHaveLength(to.size);
      for (const { index, leaf } of rows.filter((row) => row.index % 11 === 0 || row.index === to.size - 1)) {
        const proof = await inclusionProof(log.base.db, index, to.size);
        expect(
          await verifyInclusion({ index, size: to.size, leaf, root: hash(to.root) }, proof),
          `${index} of ${to.size}`,
        ).toBe(true);
      }
    }
    const [first] = heads;
    const subject = await log.act(writer);
    await sequencer.round();
    const since = await bundle(subject, { since: first?.size });
    expect(await verifyBundle(bytes(since.text), { ...(await trust()), lastCheckpoint: notes[0] ?? "" })).toMatchObject(
      { ok: true, pin: "consistent" },
    );
    expect((await readTile(log.base.db, 0, 1))?.length).toBe(8192);
    expect((await readTile(log.base.db, 1, 0, 2))?.length).toBe(64);
    expect(await readTile(log.base.db, 0, 3)).toBeNull();
    const entries = await readEntryBundle(log.base.db, 2, 3);
    expect(JSON.parse(entries?.subarray(2, 2 + entries.readUInt16BE(0)).toString() ?? "")).toMatchObject({ v: 1 });
  });
});

describe("an export", () => {
  it("MT-31 verifies offline with the second verifier, and a byte flipped in it is named", async () => {
    const writer = await log.writer();
    for (let i = 0; i < 20; i++) await log.act(writer);
    await log.sequencer().round();
    await log.act(writer);
    const lines: string[] = [];
    for await (const line of exportLog(log.base.db)) lines.push(line);
    const file = join(log.folder, "export");
    writeFileSync(join(log.folder, "trust"), JSON.stringify(await trust()));
    const script = new URL("../../../contract/verifiers/verify.py", import.meta.url).pathname;
    const run = (text: string) => {
      writeFileSync(file, text);
      return spawnSync("python3", [script, "--trust", join(log.folder, "trust"), "--log", file], { encoding: "utf8" });
    };
    expect(run(`${lines.join("\n")}\n`)).toMatchObject({ status: 0 });
    const broken = run(`${lines.with(9, lines[9]?.replace("coder", "codes") ?? "").join("\n")}\n`);
    expect(broken).toMatchObject({ status: 1 });
    expect(broken.stdout).toContain(`line 10: entry 8 of writer \`${writer.writer()}\` was edited`);
  });
});

describe("an export that is older than the pinned checkpoint", () => {
  it("holds under both verifiers as far as it goes, and is not taken for a changed chain", async () => {
    const writer = await log.writer();
    const sequencer = log.sequencer();
    await log.act(writer);
    await sequencer.round();
    const [header] = await lines();
    await log.act(writer);
    await sequencer.round();
    // What an export gives that begins before a checkpoint and ends after it.
    const given = [header ?? "", ...(await lines()).slice(1)];
    const pinned = { ...(await trust()), lastCheckpoint: (await latestCheckpoint(log.base.db))?.note ?? "" };
    expect(await verifyLog(given, pinned)).toMatchObject({ ok: true, size: 2, unsequenced: 2 });
    const [file, trusted] = [join(log.folder, "export"), join(log.folder, "trust")];
    writeFileSync(file, `${given.join("\n")}\n`);
    writeFileSync(trusted, JSON.stringify(pinned));
    const script = new URL("../../../contract/verifiers/verify.py", import.meta.url).pathname;
    const ran = spawnSync("python3", [script, "--trust", trusted, "--log", file], { encoding: "utf8" });
    expect(ran).toMatchObject({ status: 0 });
    expect((await verifyLog(given.slice(0, -1), pinned)).problems).toMatchObject([{ code: "size" }]);
  });

  async function lines(): Promise<string[]> {
    const all: string[] = [];
    for await (const line of exportLog(log.base.db)) all.push(line);
    return all;
  }
});

describe("many sequencers", () => {
  it("never fork the log, whoever crashes wherever", async () => {
    const writers = [await log.writer(), await log.writer()];
    let random = 7;
    const chance = (n: number): boolean => {
      random = (random * 1103515245 + 12345) % 2 ** 31;
      return random % n === 0;
    };
    // Fails before or after any statement of a round, the commit too: after means that it was durable and nobody was told.
    const crashing = (db: Db): Db => ({
      ...db,
      query: (...args: Parameters<Db["query"]>) =>
        (chance(60) ? Promise.reject(new Error("crash")) : db.query(...args)) as never,
      connect: () => db.connect(),
      close: () => db.close(),
      async transaction(work) {
        const result = await db.transaction(async (tx) => {
          if (chance(6)) throw new Error("crash before commit");
          return work(tx);
        });
        if (chance(4)) throw new Error("crash after commit");
        return result;
      },
    });
    const rivals = [0, 1, 2].map(() => log.sequencer({ db: crashing(log.base.db), leaseMs: 30 }));
    const checkpoints = async () => (await log.base.db.query("select 1 from checkpoint")).rows.length;
    let times = 0;
    // On a busy machine a lease ends before its round does: then it takes more of them until there is something to compare.
    while (times < 80 || (times < 2_000 && (await checkpoints()) <= 10)) {
      times++;
      await Promise.all([...writers.map((writer) => log.act(writer)), ...rivals.map((rival) => rival.round())]);
    }
    const size = 4 * times;
    const last = log.sequencer();
    for (let i = 0; i < 1_000 && (await last.round()) === 0 && last.status().size < size; i++)
      await new Promise((r) => setTimeout(r, 10));
    const { rows } = await log.base.db.query<{ size: number; note: string }>(
      "select size, note from checkpoint order by size",
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(await verifyDatabase(log.base.db, await trust())).toMatchObject({ ok: true, size });
    const hash = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
    const to = await openOwn(log.base.db, log.origin, rows.at(-1)?.note ?? "");
    for (const { note } of rows) {
      const from = await openOwn(log.base.db, log.origin, note);
      const proof = await consistencyProof(log.base.db, from.size, to.size);
      expect(
        await verifyConsistency(
          { from: from.size, fromRoot: hash(from.root), to: to.size, toRoot: hash(to.root) },
          proof,
        ),
      ).toBe(true);
    }
    expect(log.alarms).toEqual([]);
  });

  it("leave the work to the one who holds the lease", async () => {
    const writer = await log.writer();
    const [one, two] = [log.sequencer(), log.sequencer()];
    await log.act(writer);
    expect(await one.round()).toBe(2);
    await log.act(writer);
    expect(await two.round()).toBe(0);
    await one.stop();
    expect(await two.round()).toBe(2);
  });
});

describe("tampering", () => {
  it("MT-40 MT-114 a flipped byte in a recorded entry is named", async () => {
    const writer = await log.writer();
    for (let i = 0; i < 10; i++) await log.act(writer);
    await log.sequencer().round();
    await log.tamper(
      "update entry set leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) where writer = $1 and seq = 7",
      [writer.writer()],
    );
    const { ok, problems } = await verifyDatabase(log.base.db, await trust());
    expect(ok).toBe(false);
    expect(problems.map((flaw) => flaw.sentence).join()).toContain(
      `entry 7 of writer \`${writer.writer()}\` was edited`,
    );
  });

  it("MT-40 a byte flipped before the sequencer came stops the log and names the record", async () => {
    const writer = await log.writer();
    for (let i = 0; i < 3; i++) await log.act(writer);
    await log.tamper("update entry set leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) where seq = 4");
    const sequencer = log.sequencer();
    await sequencer.round();
    expect(log.alarms).toEqual([`entry \`4\` of writer \`${writer.writer()}\` does not fit its hash`]);
    expect(await latestCheckpoint(log.base.db)).toBeNull();
    await sequencer.round();
    expect(log.alarms).toHaveLength(1);
    await log.act(writer); // a stopped log blocks nobody
  });

  it("of a column that lists read is found, before and after it is in the tree", async () => {
    const writer = await log.writer();
    const sequencer = log.sequencer();
    await log.act(writer);
    await sequencer.round();
    await log.tamper("update entry set agent = 'somebody' where seq = 1");
    expect((await verifyDatabase(log.base.db, await trust())).problems).toMatchObject([
      { code: "edited", at: "line 3" },
    ]);
    await log.act(writer);
    await log.tamper("update entry set tool = 'other' where seq = 3");
    await sequencer.round();
    expect(log.alarms.join()).toContain("another `tool`");
  });

  it("of entries that are deleted is found", async () => {
    const writer = await log.writer();
    for (let i = 0; i < 4; i++) await log.act(writer);
    await log.sequencer().round();
    await log.tamper("delete from entry where seq = 2");
    const { problems } = await verifyDatabase(log.base.db, await trust());
    expect(problems.map((flaw) => flaw.sentence).join()).toContain(
      `entry 2 of writer \`${writer.writer()}\` should stand before`,
    );
  });

  it.each([
    ["an entry's hash", "update entry set hash = sha256('x') where seq = 3"],
    ["where entries stand", "update tree_span set count = count - 1"],
    ["the order of entries", "update tree_span set seq = seq + 1, count = count - 1"],
  ])("of %s in the stored tree stops the next sequencer", async (_what, edit) => {
    const writer = await log.writer();
    for (let i = 0; i < 4; i++) await log.act(writer);
    const sequencer = log.sequencer();
    await sequencer.round();
    await sequencer.stop();
    await log.tamper(edit);
    await log.sequencer().round();
    expect(log.alarms.join()).toContain("not the one that was signed");
  });

  it("of a deleted entry that no checkpoint covers yet stops the log", async () => {
    const writer = await log.writer();
    for (let i = 0; i < 2; i++) await log.act(writer);
    await log.tamper("delete from entry where seq = 1");
    let ms = 0;
    const sequencer = log.sequencer({ clock: { now: () => ms, tick: () => ms } });
    expect(await sequencer.round()).toBe(1);
    expect(log.alarms).toEqual([]);
    ms = 11_000;
    await sequencer.round();
    expect(log.alarms).toEqual([`entry \`1\` of writer \`${writer.writer()}\` is missing`]);
  });

  it.each([
    ["of one that still writes", false],
    ["of one that was fenced, which is not closed over it", true],
  ])("of more entries than one look reads stops the log all the same, %s", async (_whose, isFenced) => {
    const writer = await log.writer();
    await log.act(writer);
    await log.act(writer);
    await log.tamper("update entry set seq = seq + 5000 where seq = 1");
    if (isFenced) await log.tamper("update writer set fenced_at = now()");
    let ms = 0;
    const sequencer = log.sequencer({ clock: { now: () => ms, tick: () => ms } });
    expect(await sequencer.round()).toBe(1);
    expect(log.alarms).toEqual([]);
    expect((await log.base.db.query("select 1 from checkpoint_closed")).rows).toEqual([]);
    ms = 11_000;
    await sequencer.round();
    expect(log.alarms).toEqual([`entry \`1\` of writer \`${writer.writer()}\` is missing`]);
  });
});

describe("the signing key", () => {
  it("is refused when others can read it, and never made a second time", async () => {
    await log.act(await log.writer());
    const sequencer = log.sequencer();
    await sequencer.round();
    await sequencer.stop();
    const path = join(log.folder, "signing-key");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    await expect(openSigningKey(log.base.db, log.folder, log.origin)).rejects.toThrow("others can read");
    rmSync(path);
    await expect(openSigningKey(log.base.db, log.folder, log.origin)).rejects.toThrow("is not here");
    await log.sequencer().round();
    expect(log.alarms.join()).toContain("the signing key cannot be used");
  });
});
