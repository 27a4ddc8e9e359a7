import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "../../packages/countersign/src/floor/id.ts";
import { SubjectKey } from "../../packages/countersign/src/ledger/seal.ts";
import { openKeyring } from "../../packages/countersign/src/secrets/index.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../support/database.ts";
import { ana, until } from "../support/plane.ts";
import { type Product, startProduct } from "../support/product.ts";

const example = fileURLToPath(new URL("../../examples/workspace", import.meta.url));
const many = 4_000;
let database: TestDatabase;
let root: string;
let product: Product | undefined;
let cli: TestCli;
beforeAll(async () => {
  database = await openTestDatabase();
  root = mkdtempSync(join(tmpdir(), "countersign-sealing-"));
  cpSync(example, join(root, "workspace"), { recursive: true });
});
afterAll(async () => {
  cli?.close();
  await product?.stop();
  await database?.close();
  rmSync(root, { recursive: true, force: true });
});

const data = (): string => join(root, "data");
const start = (invite?: string) =>
  startProduct(
    {
      COUNTERSIGN_DATA: data(),
      COUNTERSIGN_WORKSPACE: join(root, "workspace"),
      COUNTERSIGN_PORT: "0",
      COUNTERSIGN_LOG: "error",
      DATABASE_URL: database.url,
      DATABASE_ADMIN_URL: urlOf(database.ownerAt),
    },
    invite,
  );
const keyIds = (): readonly string[] =>
  readFileSync(join(data(), "sealing.key"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.slice(0, 8));
const anew = async (keyId: string): Promise<number> => {
  const text = "select count(*) as n from subject_key where substring(wrapped from 2 for 4) = decode($1, 'hex')";
  return Number((await database.owner.query<{ n: string }>(text, [keyId])).rows[0]?.n);
};

it("a rotation of the sealing key that kill -9 broke off in the middle goes on at the next start and loses nothing", async () => {
  product = await start(ana);
  cli = openTestCli({ COUNTERSIGN_URL: product.url });
  expect((await cli.run(["login"], { input: `${product.link}\n` })).exit).toBe(0);
  expect((await cli.run(["secret", "put", "upstream/token"], { input: "a value to keep" })).exit).toBe(0);
  const { sealer } = await openKeyring({ dataDir: data() });
  const keys = Array.from({ length: many }, () => new SubjectKey(newId("act")));
  const commitments = new Map(keys.map((key) => [key.subject, key.nonce.toString("hex")]));
  await database.owner.query(
    "insert into subject_key (subject, wrapped) select s, decode(w, 'hex') from unnest($1::text[], $2::text[]) as r (s, w)",
    [keys.map((key) => key.subject), keys.map((key) => key.wrapped(sealer).toString("hex"))],
  );
  const [old = ""] = keyIds();
  expect((await cli.run(["secret", "rotate-key"])).exit).toBe(2);
  // Somebody holds the last of them: however slow this process is, the rotation is not over before it is broken off.
  const [isHeld, isOver] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = database.owner.transaction(async (tx) => {
    await tx.query("select 1 from subject_key where subject = $1 for update", [keys.at(-1)?.subject]);
    isHeld.resolve();
    await isOver.promise;
  });
  await isHeld.promise;
  const rotated = await cli.run(["secret", "rotate-key", "--yes", "--no-wait", "--json"]);
  expect(rotated).toMatchObject({ exit: 0, json: { before: old, retiring: [old] } });
  const { keyId } = rotated.json;
  await until(async () => ((await anew(keyId)) > 200 ? true : undefined));
  await product.kill();
  const half = await anew(keyId);
  expect(half).toBeLessThan(many);
  expect(keyIds()).toEqual([keyId, old]);
  isOver.resolve();
  await holding;

  product = await start();
  await until(async () => (keyIds().length === 1 ? true : undefined), 60_000);
  expect(keyIds()).toEqual([keyId]);
  const { sealer: now } = await openKeyring({ dataDir: data() });
  const { rows } = await database.owner.query<{ subject: string; wrapped: Buffer }>(
    "select subject, wrapped from subject_key",
  );
  for (const { subject, wrapped } of rows) {
    const commitment = commitments.get(subject);
    if (commitment !== undefined)
      expect(SubjectKey.unwrap(subject, wrapped, now).nonce.toString("hex")).toBe(commitment);
    expect(wrapped.subarray(1, 5).toString("hex")).toBe(keyId);
  }
  expect(rows.length).toBeGreaterThan(many);
  const { rows: secrets } = await database.owner.query<{ key: string }>(
    "select encode(substring(dek_wrapped from 2 for 4), 'hex') as key from sealed_secret",
  );
  expect(secrets).toEqual([{ key: keyId }]);
});
