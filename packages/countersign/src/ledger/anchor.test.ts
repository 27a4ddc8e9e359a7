import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extendTrust, type Trust, verifyBundle } from "@countersign/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CheckpointPlace, openCheckpointPlace } from "../../../../test/support/checkpoint-place.ts";
import { newId } from "../floor/id.ts";
import { type Anchor, checkAnchor, compareAnchor, fileAnchor, gitAnchor, willReach } from "./anchor.ts";
import { buildBundle } from "./bundle.ts";
import { httpAnchor } from "./http-anchor.ts";
import { type LogFixture, openLogFixture } from "./log-fixture.ts";
import { latestCheckpoint, logKeys } from "./log-sql.ts";
import { rotate } from "./rotate.ts";
import { openSigningKey, trustFile } from "./signing-key.ts";

let log: LogFixture;
let folder: string;
let place: CheckpointPlace;
beforeEach(async () => {
  log = await openLogFixture();
  place = await openCheckpointPlace();
  folder = mkdtempSync(join(tmpdir(), "anchor-"));
});
afterEach(() => Promise.all([log.close(), place.close()]));

function repository(): string {
  execFileSync("git", ["init", "-q", folder]);
  writeFileSync(join(folder, "work"), "mine");
  return folder;
}

describe.each([
  ["a file", () => fileAnchor(join(folder, "deep", "checkpoints"))],
  ["a git repository", () => gitAnchor(repository())],
  ["an address", () => httpAnchor(place.url)],
])("%s as an anchor", (_name, make) => {
  it("remembers each checkpoint, the last one last", async () => {
    const anchor = make();
    expect(await anchor.last()).toBeNull();
    const sequencer = log.sequencer({ anchors: [anchor] });
    const writer = await log.writer();
    for (let i = 0; i < 3; i++) {
      await log.act(writer);
      await sequencer.round();
      await sequencer.stop();
      expect(await anchor.last()).toBe((await latestCheckpoint(log.base.db))?.note);
    }
    expect(sequencer.status().anchors).toMatchObject([{ size: 6, fault: null }]);
  });

  it("refuses a database that was rolled back, and one with another history", async () => {
    const anchor = make();
    const writer = await log.writer();
    await log.act(writer);
    const sequencer = log.sequencer({ anchors: [anchor] });
    await sequencer.round();
    await sequencer.stop();
    await log.tamper("delete from checkpoint");
    await log.tamper("delete from tree_span");
    await log.sequencer({ anchors: [anchor] }).round();
    expect(log.alarms.join()).toContain("it was rolled back");
    // The same size again, by the same key, over other entries.
    await log.tamper("delete from entry");
    await log.act(await log.writer());
    const blind = log.sequencer();
    await blind.round();
    await blind.stop();
    await log.sequencer({ anchors: [anchor] }).round();
    expect(log.alarms.join()).toContain("another history of the first `2` entries");
  });
});

describe("an anchor", () => {
  it("in a file survives a line that a crash cut", async () => {
    const path = join(folder, "checkpoints");
    const anchor = fileAnchor(path);
    await anchor.publish("one\n", 1);
    await anchor.publish("two\n", 2);
    truncateSync(path, readFileSync(path).length - 3);
    expect(await anchor.last()).toBe("one\n");
    await anchor.publish("three\n", 3);
    expect(await anchor.last()).toBe("three\n");
    appendFileSync(path, '{"note":"forged');
    expect(await anchor.last()).toBe("three\n");
  });

  it("in git touches neither the work tree nor another branch", async () => {
    const anchor = gitAnchor(repository());
    await anchor.publish("one\n", 1);
    await anchor.publish("two\n", 2);
    const git = (...args: string[]) => execFileSync("git", ["-C", folder, ...args], { encoding: "utf8" }).trim();
    expect(git("status", "--porcelain")).toBe("?? work");
    expect(git("branch", "--list", "--format=%(refname:short)")).toBe("countersign-checkpoints");
    expect(git("rev-list", "--count", "countersign-checkpoints")).toBe("2");
  });

  it("keeps a rollback beside what it followed, for everyone to see", async () => {
    const rollback = { from: 9, root: "AAAA", reason: "the newer disk is lost" };
    const [file, git] = [fileAnchor(join(folder, "checkpoints")), gitAnchor(repository())];
    for (const anchor of [file, git, httpAnchor(place.url)]) {
      await anchor.publish("nine\n", 9);
      await anchor.publish("four\n", 4, rollback);
      expect(await anchor.last()).toBe("four\n");
    }
    const kept = [
      { size: 9, note: "nine\n" },
      { size: 4, note: "four\n", rollback },
    ];
    const lines = readFileSync(join(folder, "checkpoints"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(kept);
    expect(place.posted.map((line) => JSON.parse(line))).toEqual(kept);
    const said = execFileSync("git", ["-C", folder, "log", "--format=%s", "countersign-checkpoints"], {
      encoding: "utf8",
    });
    expect(said.split("\n")).toEqual([
      "checkpoint 4, rolled back from 9 (AAAA): the newer disk is lost",
      "checkpoint 9",
      "",
    ]);
  });

  it.each([
    ["fails", 500, "it answers 500"],
    ["sends elsewhere", 302, "it cannot be reached"],
  ])("at an address that %s is a fault, and nothing is signed before it was asked", async (_how, status, why) => {
    const anchor = httpAnchor(place.url);
    await log.act(await log.writer());
    place.fail(status);
    await expect(anchor.publish("note", 1)).rejects.toThrow(why);
    await expect(checkAnchor(log.base.db, log.origin, anchor)).rejects.toMatchObject({ code: "unavailable" });
    const sequencer = log.sequencer({ anchors: [anchor] });
    expect(await sequencer.round()).toBe(0);
    expect(log.alarms).toEqual([]);
    place.fail(undefined);
    expect(await sequencer.round()).toBe(2);
    await sequencer.stop();
    expect(sequencer.status().anchors).toMatchObject([{ size: 2, fault: null }]);
  });

  it("at an address that holds something else is not taken for an empty one", async () => {
    place.posted.push("<html>");
    await expect(httpAnchor(place.url).last()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is told from a backup that holds all it has seen, but had not put it into the tree yet", async () => {
    const anchor = fileAnchor(join(folder, "checkpoints"));
    const writer = await log.writer();
    const sequencer = log.sequencer({ anchors: [anchor] });
    for (let i = 0; i < 2; i++) {
      await log.act(writer);
      await sequencer.round();
      // Waits until the anchor has it: one that is busy is offered nothing.
      await sequencer.stop();
    }
    const isWhole = async () => {
      const { seen, isAhead } = await compareAnchor(log.base.db, log.origin, anchor);
      return !isAhead || (seen !== null && (await willReach(log.base.db, log.origin, seen)));
    };
    expect(await isWhole()).toBe(true);
    // As a backup has it that was made between the writing and the next checkpoint.
    await log.tamper("delete from checkpoint where size = 4");
    await log.tamper("delete from tree_span where index >= 2");
    expect(await isWhole()).toBe(true);
    await log.tamper("delete from entry where seq = 3");
    expect(await isWhole()).toBe(false);
    await expect(checkAnchor(log.base.db, log.origin, anchor)).rejects.toMatchObject({
      detail: expect.stringContaining("it was rolled back"),
    });
  });

  it("that hangs or fails holds up nothing but itself", async () => {
    const hanging: Anchor = { name: "hanging", last: async () => null, publish: () => new Promise(() => {}) };
    const failing: Anchor = {
      name: "failing",
      last: async () => null,
      publish: () => Promise.reject(new Error("no space")),
    };
    const good = fileAnchor(join(folder, "checkpoints"));
    const writer = await log.writer();
    const sequencer = log.sequencer({ anchors: [hanging, failing, good] });
    for (let i = 0; i < 3; i++) {
      await log.act(writer);
      expect(await sequencer.round()).toBe(2);
    }
    expect(sequencer.status().anchors).toMatchObject([{ size: 0 }, { fault: "no space" }, {}]);
  });
});

describe("a rotation of the signing key", () => {
  async function rotated(): Promise<string> {
    const writer = await log.writer();
    const subject = newId("gov");
    const append = (payload: { previous: string; next: string }) =>
      log.record(writer, { subject, step: 0, kind: "rotated", from: null, to: null, payload });
    return rotate({ db: log.base.db, folder: log.folder, origin: log.origin, subject, append });
  }

  async function receipt(subject: string): Promise<Uint8Array> {
    const { current: signer } = await openSigningKey(log.base.db, log.folder, log.origin);
    return Buffer.from((await buildBundle(log.base.db, { signer, subject: await log.read(subject) })).text);
  }

  it("is vouched for by the old key, which then signs nothing more", async () => {
    const writer = await log.writer();
    const sequencer = log.sequencer();
    const early = await log.act(writer);
    await sequencer.round();
    const old: Trust = await trustFile(log.base.db, log.origin);
    const before = await receipt(early);
    const next = await rotated();
    await expect(rotated()).rejects.toThrow("under way");
    await sequencer.round();
    const late = await log.act(writer);
    await sequencer.round();
    expect(log.alarms).toEqual([]);

    const [, key] = await logKeys(log.base.db);
    expect(key?.vkey).toBe(next);
    const learnt = await extendTrust(old, Buffer.from(key?.receipt ?? ""));
    expect(learnt.keys).toEqual((await trustFile(log.base.db, log.origin)).keys);
    expect((await verifyBundle(await receipt(late), learnt)).ok).toBe(true);
    expect((await verifyBundle(before, learnt)).ok).toBe(true);
    expect((await verifyBundle(await receipt(late), old)).problems).toMatchObject([{ code: "unknown_key" }]);
    expect(readFileSync(join(log.folder, "signing-key"), "utf8")).not.toContain(old.keys[0]?.vkey.split("+")[1]);
  });

  it("is finished by the next sequencer after a crash between the checkpoint and the swap of the files", async () => {
    const writer = await log.writer();
    await log.act(writer);
    const first = log.sequencer({ readSubject: () => Promise.reject(new Error("crash")) });
    await first.round();
    const old = await trustFile(log.base.db, log.origin);
    await rotated();
    await first.round();
    await first.stop();
    expect((await openSigningKey(log.base.db, log.folder, log.origin)).previous).toBeDefined();
    await expect(rotated()).rejects.toThrow("under way");
    const late = await log.act(writer);
    await log.sequencer().round();
    const [, key] = await logKeys(log.base.db);
    const learnt = await extendTrust(old, Buffer.from(key?.receipt ?? ""));
    expect((await verifyBundle(await receipt(late), learnt)).ok).toBe(true);
    expect((await openSigningKey(log.base.db, log.folder, log.origin)).previous).toBeUndefined();
    await rotated();
  });
});
