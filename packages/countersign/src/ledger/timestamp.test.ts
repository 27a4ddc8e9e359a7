import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Trust, verifyLog } from "@countersign/contract";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Behaviour,
  type OpensslTsa,
  opensslTsaOverFakeTransport,
} from "../../../../test/support/openssl-tsa-over-fake-transport.ts";
import { systemClock } from "../floor/clock.ts";
import { type Anchor, checkAnchor, compareAnchor } from "./anchor.ts";
import { checkTimestamp } from "./check-timestamp.ts";
import { exportLog } from "./export-log.ts";
import { type LogFixture, openLogFixture } from "./log-fixture.ts";
import { latestCheckpoint } from "./log-sql.ts";
import { trustFile } from "./signing-key.ts";
import { digestOf, readCertificates, timestampAnchor } from "./timestamp-anchor.ts";
import { latestTimestamps } from "./timestamp-sql.ts";

let tsa: OpensslTsa;
let log: LogFixture;
beforeAll(async () => {
  tsa = await opensslTsaOverFakeTransport();
});
afterAll(() => tsa.close());
beforeEach(async () => {
  log = await openLogFixture();
  tsa.behave("honest");
});
afterEach(() => log.close());

const anchorAt = (certificates = tsa.certificates): Anchor =>
  timestampAnchor(log.base.db, systemClock, { url: tsa.url, certificates });

/** A log of two entries whose checkpoint was offered to the anchor once. */
async function anchored(anchor: Anchor): Promise<string | null | undefined> {
  const sequencer = log.sequencer({ anchors: [anchor] });
  await log.act(await log.writer());
  await sequencer.round();
  await sequencer.stop();
  return sequencer.status().anchors[0]?.fault;
}

async function exported(): Promise<{ lines: string[]; trust: Trust }> {
  const lines: string[] = [];
  for await (const line of exportLog(log.base.db)) lines.push(line);
  return { lines, trust: await trustFile(log.base.db, log.origin) };
}

describe("a timestamp authority as an anchor", () => {
  it("MT-211: keeps beside the checkpoint what the authority signed, and openssl finds it right", async () => {
    expect(await anchored(anchorAt())).toBeNull();
    const [kept] = await latestTimestamps(log.base.db);
    const latest = await latestCheckpoint(log.base.db);
    expect(kept).toMatchObject({ size: 2, authority: tsa.url, note: latest?.note });
    expect(tsa.verifies(kept?.answer ?? Buffer.alloc(0), latest?.note ?? "")).toBe(true);
    expect(tsa.verifies(kept?.answer ?? Buffer.alloc(0), `${latest?.note}x`)).toBe(false);
    expect(Math.abs(Date.parse(kept?.at ?? "") - Date.parse(latest?.at ?? ""))).toBeLessThan(60_000);
    expect(await checkAnchor(log.base.db, log.origin, anchorAt())).toBe(2);
    await expect(log.base.db.query("update checkpoint_timestamp set size = 1")).rejects.toThrow();
  });

  it("MT-211: the export carries it, bound to a checkpoint of this very log", async () => {
    await anchored(anchorAt());
    await log.act(await log.writer());
    const blind = log.sequencer();
    await blind.round();
    await blind.stop();
    const { lines, trust } = await exported();
    const verified = await verifyLog(lines, trust);
    expect(verified).toMatchObject({ ok: true, size: 4, timestamps: [{ authority: tsa.url, size: 2 }] });
    const [stamp] = verified.timestamps;
    const answer = Buffer.from(stamp?.answer ?? "", "base64");
    const trusted = readCertificates(tsa.certificates);
    expect(checkTimestamp(answer, { digest: digestOf(stamp?.note ?? "") }, trusted).signer).toBe("CN=tsa");
    expect(() => checkTimestamp(answer, { digest: digestOf("other") }, trusted)).toThrow("another digest");
    expect(() =>
      checkTimestamp(answer, { digest: digestOf(stamp?.note ?? "") }, readCertificates(tsa.stranger)),
    ).toThrow("nobody");
    // A checkpoint that was never of this log cannot be slipped in with a timestamp of its own.
    const forged = { ...JSON.parse(lines[0] ?? ""), timestamps: [{ ...JSON.parse(lines[0] ?? "").timestamps[0] }] };
    forged.timestamps[0].note = forged.timestamps[0].note.replace("\n2\n", "\n3\n");
    expect(await verifyLog([JSON.stringify(forged), ...lines.slice(1)], trust)).toMatchObject({ ok: false });
  });

  it.each<[Behaviour, string]>([
    ["another digest", "about another digest"],
    ["replay", "another"],
    ["stranger", "nobody whom the configured certificates vouch for"],
    ["not for timestamps", "not for timestamps"],
    ["wrong time", "differs from this machine's by"],
    ["changed", "changed after it was signed"],
    ["refuses", "refuses: status 2"],
    ["error page", "not a timestamp that can be read"],
  ])("MT-211: one that lies (%s) is refused like an anchor that fails, and nothing of it is kept", async (how, why) => {
    if (how === "replay") {
      await anchorAt()
        .publish("something else\n", 0)
        .catch(() => undefined);
    }
    tsa.behave(how);
    expect(await anchored(anchorAt())).toContain(why);
    expect(await latestTimestamps(log.base.db)).toEqual([]);
    expect(log.alarms).toEqual([]);
  });

  it("MT-211: an answer to another request over the same digest is told by its nonce", async () => {
    const anchor = anchorAt();
    await anchored(anchor);
    tsa.behave("replay");
    const { note, size } = (await latestCheckpoint(log.base.db)) ?? { note: "", size: 0 };
    await expect(anchor.publish(note, size)).rejects.toThrow("its nonce is another");
  });

  it("MT-211: one that hangs holds up nothing but itself, and one that cannot be reached is a fault", async () => {
    tsa.behave("hangs");
    const sequencer = log.sequencer({ anchors: [anchorAt()] });
    const writer = await log.writer();
    for (let i = 0; i < 3; i++) {
      await log.act(writer);
      expect(await sequencer.round()).toBe(2);
    }
    const gone = timestampAnchor(log.base.db, systemClock, {
      url: "http://127.0.0.1:1/",
      certificates: tsa.certificates,
    });
    await expect(gone.publish("note", 1)).rejects.toThrow("it cannot be reached");
    const bare = join(mkdtempSync(join(tmpdir(), "pem-")), "none.pem");
    writeFileSync(bare, "nothing");
    await expect(anchorAt(bare).publish("note", 1)).rejects.toThrow("holds no certificate");
  });

  it("MT-211: a checkpoint that was changed under its timestamp stops the log", async () => {
    await anchored(anchorAt());
    await log.tamper("update checkpoint set note = note || E'\\n'");
    await expect(compareAnchor(log.base.db, log.origin, anchorAt())).rejects.toThrow("another digest");
    await log.tamper("update checkpoint set note = rtrim(note, E'\\n') || E'\\n'");
    expect((await compareAnchor(log.base.db, log.origin, anchorAt())).seen?.size).toBe(2);
    await log.sequencer({ anchors: [anchorAt(tsa.stranger)] }).round();
    expect(log.alarms.join()).toContain("does not hold");
  });

  it("MT-211: is asked as often as the workspace says, and again soon after it has failed", async () => {
    const anchor = timestampAnchor(log.base.db, systemClock, {
      url: tsa.url,
      certificates: tsa.certificates,
      everyMs: 3_600_000,
    });
    const sequencer = log.sequencer({ anchors: [anchor] });
    const writer = await log.writer();
    const before = tsa.queries.length;
    tsa.behave("refuses");
    for (const how of ["refuses", "honest", "honest", "honest"] as const) {
      tsa.behave(how);
      await log.act(writer);
      await sequencer.round();
      await sequencer.stop();
    }
    expect(tsa.queries.length - before).toBe(2);
    expect((await latestTimestamps(log.base.db)).map((row) => row.size)).toEqual([4]);
  });
});
