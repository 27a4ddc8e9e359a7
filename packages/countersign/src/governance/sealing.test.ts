import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, cy, di } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { readReceipt } from "../action/index.ts";
import { insertCanary, openCanary } from "../approvals/canary-sql.ts";
import { systemClock } from "../floor/clock.ts";
import { Secret } from "../floor/secret.ts";
import { loadTokenKeys } from "../identity/index.ts";
import { keysWrappedByOther } from "../ledger/key-sql.ts";
import { SubjectKey } from "../ledger/seal.ts";
import { openTermKey } from "../lookup/index.ts";
import { openKeyring } from "../secrets/index.ts";
import { finishSealing, sealedByOthers } from "./finish-sealing.ts";
import { openSealing } from "./sealing.ts";

let base: TestDatabase;
let world: World;
const pace = { rest: async () => undefined, stop: () => undefined };
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
  await loadTokenKeys(base.db, systemClock, asyncSealer());
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const asyncSealer = () => {
  const { keyring } = world.base;
  return {
    seal: async (plain: Uint8Array, context: string) => keyring.sealer.seal(plain, context),
    open: async (sealed: Uint8Array, context: string) => keyring.sealer.open(sealed, context),
  };
};
const put = async (marker: string): Promise<string> =>
  (await world.base.hall.submit(world.caller, call("put", { marker }))).view.id;
const fileKeys = (): readonly string[] =>
  readFileSync(join(world.folder, "data", "sealing.key"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.slice(0, 8));
const deeds = async () =>
  (await base.owner.query<{ person: string }>("select person from entry where kind = 'rotated' order by recorded_at"))
    .rows;

describe("a rotation of the sealing key", () => {
  it("seals everything anew, drops the old key, and says both in the ledger", async () => {
    const { keyring, connections } = world.base;
    const { store } = connections;
    const { parts } = world.base.control;
    const id = await put("before-rotation");
    await store.put("upstream/token", new Secret("value-before"), ana.email);
    const term = parts.terms.digest("some");
    const [before = ""] = keyring.keyIds;
    const seeded = "act_00000000000000000000000000";
    await insertCanary(base.db, {
      ...{ id: seeded, person: ana.email, origin: id, shape: "elsewhere", agent: "a", workflow: "w", server: "s" },
      ...{ tool: "t", target: "x", environment: "e", risk_rank: 1, size: 1, inMs: 0, openMs: 60_000 },
      wrapped: new SubjectKey(seeded).wrapped(parts.wrap),
      sealed: Buffer.from("sealed"),
    });
    const sealing = openSealing(world.base.control, keyring, pace);
    await expect(sealing.rotate(di)).rejects.toMatchObject({ code: "forbidden" });
    const rotated = await sealing.rotate(ana);
    expect(rotated).toMatchObject({ before, retiring: [before] });
    expect(rotated.left).toBeGreaterThan(3);
    const during = await put("during-rotation");
    await sealing.finish();
    expect(await sealing.status()).toEqual({ keyId: rotated.keyId, retiring: [], left: 0 });
    expect(fileKeys()).toEqual([rotated.keyId]);
    const canary = await openCanary(base.db, ana.email, seeded);
    expect(() => SubjectKey.unwrap(seeded, canary?.wrapped ?? Buffer.alloc(0), parts.wrap)).not.toThrow();
    for (const action of [id, during]) expect((await readReceipt(parts, action)).disclosed).toBe(true);
    expect((await store.lease("upstream/token", { server: "x" })).value.reveal()).toBe("value-before");
    expect((await openTermKey(base.db, parts.wrap)).digest("some")).toBe(term);
    await loadTokenKeys(base.db, systemClock, asyncSealer());
    expect(await deeds()).toEqual([{ person: ana.email }, { person: "countersign" }]);
    // Whoever opens the folder anew has all it needs.
    const opened = await openKeyring({ dataDir: join(world.folder, "data") });
    expect(opened.keyIds).toEqual([rotated.keyId]);
  });

  it("goes on from wherever it was broken off, and drops nothing before its time", async () => {
    const { control, keyring } = world.base;
    for (let i = 0; i < 30; i++) await put(`broken-off-${i}`);
    const [before = ""] = keyring.keyIds;
    // Killed after the key file was written, before anybody was told.
    await keyring.rotate();
    const { parts } = control;
    for (let at = 0; at < 12; at++) {
      let left = at;
      const dying = {
        ...parts,
        db: {
          ...parts.db,
          query: (...args: Parameters<typeof parts.db.query>) =>
            left-- <= 0 ? Promise.reject(new Error("killed")) : parts.db.query(...args),
        } as typeof parts.db,
      };
      await finishSealing({ ...control, parts: dying }, keyring, pace).catch(() => undefined);
      if (keyring.keyIds.length === 1) break;
      expect(fileKeys()).toContain(before);
    }
    await finishSealing(control, keyring, pace);
    expect(keyring.keyIds).toHaveLength(1);
    expect(await sealedByOthers(base.db, keyring.sealer.keyId)).toBe(0);
    const people = (await deeds()).slice(2).map(({ person }) => person);
    expect(people).toEqual(["countersign", "countersign"]);
  });

  it("waits for a replica that still seals with the old key, and does not begin beside one", async () => {
    const { control, keyring } = world.base;
    const sealing = openSealing(control, keyring, pace);
    const replica = await world.replica();
    await expect(sealing.rotate(ana)).rejects.toMatchObject({
      code: "conflict",
      help: expect.stringContaining("stop them"),
    });
    const [old = ""] = keyring.keyIds;
    await keyring.rotate();
    await expect(finishSealing(control, keyring, pace)).rejects.toMatchObject({ code: "unavailable" });
    expect(keyring.keyIds).toContain(old);
    await replica.close();
    await finishSealing(control, keyring, pace);
    expect(keyring.keyIds).toHaveLength(1);
  });

  it("keeps the old key where something that it sealed cannot be opened", async () => {
    const { control, keyring } = world.base;
    const id = await put("cannot-be-opened");
    const [old = ""] = keyring.keyIds;
    await base.owner.query(
      "update subject_key set wrapped = set_byte(wrapped, 40, get_byte(wrapped, 40) # 1) where subject = $1",
      [id],
    );
    const rotate = () =>
      openSealing(control, keyring, pace)
        .rotate(cy)
        .then(
          () => "rotated",
          (thrown: { readonly detail?: string }) => thrown.detail,
        );
    await expect.poll(rotate, { timeout: 20_000 }).toBe("rotated");
    // The plane goes on with it by itself meanwhile: it may be repeated at any point.
    const finish = () =>
      finishSealing(control, keyring, pace).then(
        () => "finished",
        (thrown: { readonly code?: string }) => thrown.code,
      );
    await expect.poll(finish, { timeout: 20_000 }).toBe("conflict");
    expect(fileKeys()).toContain(old);
    expect(await keysWrappedByOther(base.db, keyring.sealer.keyId, "", 10)).toHaveLength(1);
    await base.owner.query("delete from subject_key where subject = $1", [id]);
    await expect.poll(finish, { timeout: 20_000 }).toBe("finished");
    expect(fileKeys()).toEqual([keyring.sealer.keyId]);
  });

  it("knows every column that the database keeps bytes in: what is new must be sealed anew, or named here", async () => {
    const sealed = ["canary.wrapped", "sealed_secret.dek_wrapped", "subject_key.wrapped", "token_key.sealed"];
    const other = [
      "canary.sealed",
      "checkpoint_closed.hash",
      "checkpoint_timestamp.answer",
      // Of a browser's way to an authorization server and back: gone within ten minutes, and begun again.
      "consent.browser_hash",
      "consent.code_hash",
      "consent.sealed",
      "consent.state_hash",
      "credential.hash",
      "entry.hash",
      "entry.leaf",
      "entry.sealed",
      "login_link.hash",
      "passkey.public_key",
      "person_session.hash",
      "provider_login.browser_hash",
      "provider_login.state_hash",
      "sealed_secret.ciphertext",
      "sealed_secret.nonce",
      "tile.hashes",
      "tile.root",
      "used_assertion.hash",
    ];
    const { rows } = await base.owner.query<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'public' and data_type = 'bytea' order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([...sealed, ...other].sort());
  });
});
