import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { systemClock } from "../floor/clock.ts";
import { Secret } from "../floor/secret.ts";
import { createIssued } from "./issued.ts";
import { createLeases } from "./leases.ts";
import { resolveReferences } from "./references.ts";
import { rewrap } from "./rewrap.ts";
import { createSealedStore } from "./sealed.ts";
import { createSealer, keyIdOf, type Sealer } from "./sealer.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.owner.query("truncate sealed_secret");
});

const key = { id: "0000000a", key: randomBytes(32) };

function open(tenant = "acme", keyring: { readonly sealer: Sealer } = { sealer: createSealer([key]) }) {
  const issued = createIssued();
  const leases = createLeases(systemClock, issued);
  return { issued, leases, store: createSealedStore({ db: database.db, keyring, tenant, leases }) };
}

const use = { server: "github", actionId: "act_1" };

describe("sealed store", () => {
  it("gives back what was put, newest version first, and lists names without values", async () => {
    const { store } = open();
    expect(await store.put("github/token", new Secret("first-value-1"), "ana@acme.example")).toEqual({ version: 1 });
    expect(await store.put("github/token", new Secret("sécond välue 2"), "ana@acme.example")).toEqual({ version: 2 });
    expect((await store.lease("github/token", use)).value.reveal()).toBe("sécond välue 2");
    const listed = await store.list();
    expect(listed).toEqual([{ name: "github/token", version: 2, at: expect.stringMatching(/^\d{4}-.*Z$/) }]);
  });

  it("numbers versions without gaps when many write at once", async () => {
    const { store } = open();
    const versions = await Promise.all(
      Array.from({ length: 8 }, (_, n) => store.put("shared", new Secret(`value-number-${n}`), "ana@acme.example")),
    );
    expect(versions.map(({ version }) => version).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("MT-118 nothing of a value lies in the database", async () => {
    const { store } = open();
    const value = `canary${randomBytes(12).toString("hex")}`;
    await store.put("canary", new Secret(value), "ana@acme.example");
    const { rows } = await database.owner.query<{ row: string }>(
      "select encode(dek_wrapped, 'escape') || encode(ciphertext, 'escape') || s::text as row from sealed_secret s",
    );
    expect(rows[0]?.row).not.toContain(value);
    expect(rows[0]?.row).not.toContain(Buffer.from(value).toString("hex"));
  });

  it("refuses a row that was moved to another tenant, name or version", async () => {
    const { store } = open();
    await store.put("one", new Secret("value-of-one"), "ana@acme.example");
    await store.put("two", new Secret("value-of-two"), "ana@acme.example");
    for (const move of [
      "update sealed_secret a set dek_wrapped = b.dek_wrapped, nonce = b.nonce, ciphertext = b.ciphertext from sealed_secret b where a.path = 'one' and b.path = 'two'",
      "update sealed_secret set version = 7 where path = 'one'",
      "update sealed_secret set tenant = 'other', version = 1 where path = 'two'",
    ])
      await database.owner.query(move);
    await expect(store.lease("one", use)).rejects.toMatchObject({ code: "conflict" });
    await expect(open("other").store.lease("two", use)).rejects.toMatchObject({ code: "conflict" });
    await expect(store.lease("two", use)).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuses every part of a row that was tampered with", async () => {
    const { store } = open();
    await store.put("token", new Secret("value-to-tamper"), "ana@acme.example");
    for (const column of ["dek_wrapped", "nonce", "ciphertext"]) {
      const flip = `update sealed_secret set ${column} = set_byte(${column}, octet_length(${column}) - 1, get_byte(${column}, octet_length(${column}) - 1) # 1)`;
      await database.owner.query(flip);
      await expect(store.lease("token", use), column).rejects.toMatchObject({ code: "conflict" });
      await database.owner.query(flip);
    }
    expect((await store.lease("token", use)).value.reveal()).toBe("value-to-tamper");
  });

  it("rewraps under a new key while secrets stay readable, after which the old key is not needed", async () => {
    const { store } = open();
    const names = Array.from({ length: 25 }, (_, n) => `secret-${n}`);
    for (const name of names) await store.put(name, new Secret(`value of ${name}`), "ana@acme.example");
    const fresh = { id: "0000000b", key: randomBytes(32) };
    const rotating = open("acme", { sealer: createSealer([fresh, key]) });
    const reading = (async () => {
      for (let n = 0; n < 200; n++)
        expect((await rotating.store.lease(names[n % 25] ?? "", use)).value.reveal()).toBe(`value of ${names[n % 25]}`);
    })();
    expect(await rewrap(database.db, createSealer([fresh, key]), 4)).toBe(25);
    await reading;
    expect(await rewrap(database.db, createSealer([fresh, key]))).toBe(0);
    const { rows } = await database.db.query<{ dek_wrapped: Buffer }>("select dek_wrapped from sealed_secret");
    expect(new Set(rows.map((row) => keyIdOf(row.dek_wrapped)))).toEqual(new Set([fresh.id]));
    expect((await open("acme", { sealer: createSealer([fresh]) }).store.lease("secret-3", use)).value.reveal()).toBe(
      "value of secret-3",
    );
    await expect(store.lease("secret-3", use)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("destroys for good: no older version comes back, and the next one goes on counting", async () => {
    const { store } = open();
    await store.put("token", new Secret("first-value"), "ana@acme.example");
    await store.put("token", new Secret("second-value"), "ana@acme.example");
    expect(await store.destroy("token")).toEqual({ versions: 2 });
    await expect(store.lease("token", use)).rejects.toMatchObject({ code: "not_found" });
    expect(await store.list()).toEqual([]);
    const { rows } = await database.db.query(
      "select 1 from sealed_secret where dek_wrapped is not null or ciphertext is not null",
    );
    expect(rows).toEqual([]);
    expect(await store.put("token", new Secret("third-value"), "ana@acme.example")).toEqual({ version: 3 });
  });

  it("refuses names and values that could not be kept from an agent", async () => {
    const { store } = open();
    for (const name of ["", "A", "../x", "a//b", "a b", "a'--", "x".repeat(200), "-x", "x/"]) {
      await expect(store.put(name, new Secret("long-enough"), "ana@acme.example"), name).rejects.toMatchObject({
        code: "invalid",
      });
    }
    await expect(store.put("pin", new Secret("12 34 5 6"), "ana@acme.example")).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(store.put("big", new Secret("x".repeat(70_000)), "ana@acme.example")).rejects.toMatchObject({
      code: "too_large",
    });
  });

  it("is unavailable, not silent, where the database does not answer", async () => {
    const gone = createSealedStore({
      db: { query: () => Promise.reject(new Error("password=hunter2")) },
      keyring: { sealer: createSealer([key]) },
      tenant: "acme",
      leases: createLeases(systemClock, createIssued()),
    });
    const fault = await gone.lease("token", use).catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ code: "unavailable", detail: "the secret store cannot be read" });
    await expect(gone.list()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("MT-118 no value in errors, inspection, JSON or strings of anything that holds one", async () => {
    const { store, leases, issued } = open();
    const value = `canary${randomBytes(12).toString("hex")}`;
    await store.put("canary", new Secret(value), "ana@acme.example");
    const lease = await store.lease("canary", use);
    const resolved = await resolveReferences({ headers: { authorization: "Bearer secret://canary" } }, (name) =>
      store.lease(name, use),
    );
    expect(resolved.reveal()).toEqual({ headers: { authorization: `Bearer ${value}` } });
    const shown = [lease, leases, leases.list(), issued, [...issued.values()], resolved, store].flatMap((thing) => [
      JSON.stringify(thing),
      inspect(thing, { depth: 9, showHidden: true, getters: true }),
      `${thing}`,
    ]);
    await lease.release();
    const fault = (() => {
      try {
        return lease.value;
      } catch (thrown) {
        return thrown;
      }
    })();
    for (const text of [...shown, inspect(fault), JSON.stringify(fault)]) expect(text).not.toContain(value);
  });
});
