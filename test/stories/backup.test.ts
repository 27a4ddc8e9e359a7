import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeIdentity } from "../../packages/countersign/src/backup/age.fixture.ts";
import { digestFiles, read } from "../../packages/countersign/src/workspace/index.ts";
import { openTestCli, type Ran, type TestCli } from "../support/cli.ts";
import { openTestDatabase, urlOf } from "../support/database.ts";
import { ana, bo, until } from "../support/plane.ts";
import { type Product, startProduct } from "../support/product.ts";

const example = fileURLToPath(new URL("../../examples/workspace", import.meta.url));
let root: string;
let cli: TestCli;
const running: Product[] = [];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "countersign-backup-"));
  // The embedded server runs as a user of its own, which must be able to pass.
  chmodSync(root, 0o755);
  cpSync(example, join(root, "workspace"), { recursive: true });
  cli = openTestCli();
});
afterAll(async () => {
  cli?.close();
  for (const product of running) await product.stop();
  rmSync(root, { recursive: true, force: true });
});

const at = (...names: string[]): string => join(root, ...names);
const environment = (data: string): Record<string, string> => ({
  COUNTERSIGN_DATA: at(data),
  COUNTERSIGN_WORKSPACE: at("workspace"),
  COUNTERSIGN_PORT: "0",
  COUNTERSIGN_LOG: "error",
  HOME: cli.home,
});
async function start(data: string, invite?: string): Promise<Product> {
  const product = await startProduct(environment(data), invite);
  running.push(product);
  return product;
}
const run = (...args: string[]): Promise<Ran> =>
  cli.run(args, { env: { COUNTERSIGN_WORKSPACE: at("workspace") }, cwd: root });
async function as(product: Product, person: string, ...args: string[]): Promise<Ran> {
  return cli.run(["--url", product.url, ...args], { env: { XDG_CONFIG_HOME: at(`home-${person}`) }, cwd: root });
}
async function logIn(product: Product, person: string, link = product.link): Promise<void> {
  mkdirSync(at(`home-${person}`), { recursive: true });
  expect(
    (
      await cli.run(["--url", product.url, "login"], {
        input: `${link}\n`,
        env: { XDG_CONFIG_HOME: at(`home-${person}`) },
      })
    ).exit,
  ).toBe(0);
}

/** The first plane: what happened on it, and a backup after each half. */
let first: Product;
let key: string;
let held: string;
const actions: string[] = [];

async function act(product: Product, path = "sandbox/pages/welcome.md"): Promise<string> {
  const args = [
    "actions",
    "submit",
    "files.read_text_file",
    "--args",
    JSON.stringify({ path: at("workspace", path) }),
    "--json",
  ];
  return (await cli.run(["--url", product.url, ...args], { env: { COUNTERSIGN_KEY: key } })).json.id;
}

beforeAll(async () => {
  first = await start("data", ana);
  await logIn(first, ana);
  // By the server's own link: whom an admin let in is one person with them.
  const invited = await cli.run(["person", "invite", bo, "--local", "--json"], { env: environment("data"), cwd: root });
  await logIn(first, bo, invited.json.url);
  key = (await as(first, ana, "agent", "key", "issue", "scribe", "--environment", "sandbox", "--json")).json.key;
  const waiver = [
    "waiver",
    "propose",
    "--agent",
    "scribe",
    "--workflow",
    "docs-upkeep",
    "--tier",
    "2",
    "--days",
    "7",
    "--reason",
    "to be backed up",
  ];
  const { id } = (await as(first, ana, ...waiver, "--json")).json;
  expect((await as(first, bo, "waiver", "sign", id)).exit).toBe(0);
  await cli.run(["--url", first.url, "secret", "put", "upstream/token"], {
    input: "a value to keep",
    env: { XDG_CONFIG_HOME: at(`home-${ana}`) },
  });
  actions.push(await act(first), await act(first));
  const write = JSON.stringify({ path: at("workspace", "sandbox/held.md"), content: "later" });
  const asked = ["actions", "submit", "files.write_file", "--args", write, "--json"];
  held = (await cli.run(["--url", first.url, ...asked], { env: { COUNTERSIGN_KEY: key } })).json.id;
  await until(async () => ((await as(first, ana, "log", "checkpoint")).exit === 0 ? true : undefined));
  writeFileSync(at("trust.json"), (await as(first, ana, "log", "trust")).stdout);
});

describe("a backup", () => {
  it("is made beside a server that runs, in one file that only its owner may read, without the keys", async () => {
    const made = await run("backup", "first.tar", "--data", at("data"));
    expect(made).toMatchObject({ exit: 0, stderr: "" });
    expect(made.stdout).toContain("the keys are not in it");
    expect(statSync(at("first.tar")).mode & 0o777).toBe(0o600);
    const listed = execFileSync("tar", ["tf", at("first.tar")], { encoding: "utf8" })
      .trim()
      .split("\n");
    expect(listed[0]).toBe("about.json");
    expect(listed.at(-1)).toBe("manifest.json");
    expect(listed).toContain("tables/entry/00000001");
    expect(listed.filter((name) => /key[s]?\//.test(name) && !name.startsWith("tables/"))).toEqual([]);
    const bytes = readFileSync(at("first.tar"));
    for (const file of ["sealing.key", "signing-key"]) {
      const secret = readFileSync(at("data", file), "utf8").trim().split(/[ +]/).at(-1) ?? "";
      expect(bytes.includes(secret)).toBe(false);
      expect(bytes.includes(Buffer.from(secret, file === "sealing.key" ? "hex" : "base64").subarray(1))).toBe(false);
    }
    expect(existsSync(at("first.tar.unfinished"))).toBe(false);
    expect((await run("backup", "first.tar", "--data", at("data"))).exit).toBe(6);
    expect((await run("backup", "none.tar", "--data", at("nowhere"))).exit).toBe(5);
  });

  it("says loudly that keys are in it, and is encrypted to an age recipient where one is named", async () => {
    const plain = await run("backup", "keys.tar", "--data", at("data"), "--with-keys");
    expect(plain.stderr).toContain("whoever has it reads all of it");
    expect(readFileSync(at("keys.tar")).includes(readFileSync(at("data", "sealing.key")))).toBe(true);
    const { identity, recipient } = await makeIdentity();
    writeFileSync(at("identity.txt"), `${identity}\n`, { mode: 0o600 });
    const sealed = await run("backup", "sealed.age", "--data", at("data"), "--with-keys", "--to", recipient, "--json");
    expect(sealed).toMatchObject({ exit: 0, stderr: "", json: { encrypted: true, keys: true } });
    const bytes = readFileSync(at("sealed.age"));
    expect(bytes.subarray(0, 21).toString()).toBe("age-encryption.org/v1");
    expect(bytes.includes("about.json")).toBe(false);
    expect((await run("restore", "sealed.age", "--check")).exit).toBe(2);
    expect(await run("restore", "sealed.age", "--check", "--identity", "identity.txt", "--json")).toMatchObject({
      exit: 0,
      json: { holds: true, restored: false },
    });
    expect((await run("backup", "x.tar", "--data", at("data"), "--to", "age1nonsense")).exit).toBe(2);
    bytes[bytes.length - 100_000] = (bytes[bytes.length - 100_000] ?? 0) ^ 1;
    writeFileSync(at("changed.age"), bytes);
    const changed = await run("restore", "changed.age", "--check", "--identity", "identity.txt");
    expect(changed).toMatchObject({ exit: 1, stdout: expect.stringContaining("after it was encrypted") });
  });

  it("that was cut off, or changed by one byte anywhere, is not restored", async () => {
    const whole = readFileSync(at("first.tar"));
    writeFileSync(at("cut.tar"), whole.subarray(0, Math.floor(whole.length / 2)));
    const cut = await run("restore", "cut.tar", "--data", at("restored-cut"));
    expect(cut).toMatchObject({ exit: 1, stdout: expect.stringContaining("cut off") });
    const entries = whole.indexOf("tables/entry/00000001");
    const places = [
      entries + 1500,
      whole.indexOf("tables/policy_text/00000001") + 700,
      whole.indexOf("manifest.json") + 900,
    ];
    for (const place of places) {
      const broken = Buffer.from(whole);
      broken[place] = (broken[place] ?? 0) ^ 1;
      writeFileSync(at("broken.tar"), broken);
      const ran = await run("restore", "broken.tar", "--data", at("restored-broken"));
      expect(ran.exit, `${place}: ${ran.stdout}${ran.stderr}`).toBe(1);
      // Nothing of the attempt is left, so that the right file can be restored there.
      expect(existsSync(at("restored-broken", "database-keys.json"))).toBe(false);
      expect((await run("restore", "broken.tar", "--check")).exit).toBe(1);
    }
    expect((await run("restore", "trust.json", "--data", at("restored-broken"))).exit).toBe(2);
  });
});

/** A record of the ledger changed in a backup, by somebody who made every digest of the file fit again. */
function forged(): Buffer {
  return refitted("entry", (bytes) => bytes.write('"agent":"scribf"', bytes.indexOf('"agent":"scribe"')));
}

/** A workspace changed in a backup; with `digest` also the digest that stands beside it. */
function tampered(digest?: string): Buffer {
  return refitted("workspace_version", (bytes, table) => {
    bytes.write("tier: 3", bytes.indexOf("tier: 2", table));
    if (digest !== undefined) bytes.write(digest, bytes.indexOf("sha256:", table));
  });
}

/** A table of a backup changed, and every digest of the file made to fit again. */
function refitted(table: string, change: (bytes: Buffer, from: number) => void): Buffer {
  const bytes = readFileSync(at("first.tar"));
  change(bytes, bytes.indexOf(`tables/${table}/`));
  const hash = createHash("sha256");
  for (let place = 0; place < bytes.length - 1024; ) {
    const name = bytes.toString("latin1", place, place + 100).replace(/\0.*$/, "");
    const size = Number.parseInt(bytes.toString("latin1", place + 124, place + 135), 8);
    if (name.startsWith(`tables/${table}/`)) hash.update(bytes.subarray(place + 512, place + 512 + size));
    place += 512 + Math.ceil(size / 512) * 512;
  }
  const manifest = bytes.lastIndexOf("manifest.json");
  const listed = bytes.indexOf(`"name": "${table}"`, manifest);
  const field = bytes.indexOf('"sha256": "', listed) + '"sha256": "'.length;
  bytes.write(hash.digest("hex"), field);
  return bytes;
}

describe("a restore", () => {
  let second: Product;

  it("walks the chains, and names the record that was changed in a backup whose digests all fit", async () => {
    writeFileSync(at("forged.tar"), forged());
    expect((await run("restore", "forged.tar", "--check")).exit).toBe(0);
    for (const more of [[], ["--trust", "trust.json"]]) {
      const ran = await run("restore", "forged.tar", "--data", at("restored-forged"), "--json", ...more);
      expect(ran).toMatchObject({ exit: 1, json: { holds: false, restored: false } });
      expect(ran.json.problems.join()).toMatch(/entry \d+ of writer `wrt_[0-9a-z]+` was edited/);
    }
    expect(existsSync(at("restored-forged", "database-keys.json"))).toBe(false);
  });

  it("of a backup whose workspace was changed is refused, also where the digest beside it fits", async () => {
    const files = { ...(await read(at("workspace"))).files };
    const file = "workflows/docs-upkeep.yaml";
    files[file] = (files[file] ?? "").replace("tier: 2", "tier: 3");
    const fitting = digestFiles(files);
    expect(fitting).not.toBe(digestFiles((await read(at("workspace"))).files));

    writeFileSync(at("tampered.tar"), tampered());
    const plain = await run("restore", "tampered.tar", "--data", at("tampered"), "--json");
    expect(plain).toMatchObject({ exit: 1, json: { holds: false, restored: false } });
    expect(plain.json.problems).toEqual([expect.stringContaining("its files are not those")]);

    // With the key at hand the restore itself says it; without, the start does, before anything is in force.
    writeFileSync(at("fitting.tar"), tampered(fitting));
    const restore = ["restore", "fitting.tar", "--json", "--data"];
    mkdirSync(at("fitting"), { mode: 0o700 });
    cpSync(at("data", "sealing.key"), at("fitting", "sealing.key"));
    const known = await run(...restore, at("fitting"));
    expect(known).toMatchObject({ exit: 1, json: { holds: false, restored: false } });
    expect(known.json.problems).toEqual([expect.stringContaining("the ledger does not say")]);
    expect((await run(...restore, at("fitting-apart"))).exit).toBe(0);
    for (const name of ["sealing.key", "signing-key"]) cpSync(at("data", name), at("fitting-apart", name));
    await expect(start("fitting-apart")).rejects.toThrow("what was restored does not hold");
  });

  it("of a backup that was made while agents acted is one moment of it, into a PostgreSQL of one's own", async () => {
    const [made] = await Promise.all([
      run("backup", "busy.tar", "--data", at("data")),
      ...Array.from({ length: 12 }, () => act(first)),
    ]);
    expect(made.exit).toBe(0);
    const database = await openTestDatabase();
    await database.owner.query("drop owned by current_user cascade");
    await database.owner.query("create schema if not exists public");
    const env = {
      COUNTERSIGN_WORKSPACE: at("workspace"),
      DATABASE_URL: database.url,
      DATABASE_ADMIN_URL: urlOf(database.ownerAt),
    };
    const restore = ["restore", "busy.tar", "--data", at("elsewhere"), "--trust", "trust.json", "--json"];
    const ran = await cli.run(restore, { env, cwd: root });
    expect(ran, ran.stdout).toMatchObject({ exit: 0, json: { holds: true } });
    const { rows } = await database.db.query<{ n: number }>(
      "select count(*)::int as n from entry where subject = any($1)",
      [actions],
    );
    expect(rows[0]?.n).toBeGreaterThanOrEqual(actions.length);
    // The application's role has the rights that it had, and no more.
    await expect(database.db.query("delete from entry")).rejects.toThrow();
    const twice = await cli.run(["restore", "busy.tar", "--data", at("elsewhere-2")], { env, cwd: root });
    expect(twice).toMatchObject({ exit: 6, stderr: expect.stringContaining("records in the database already") });
    await database.close();
  });

  it("checks digests, walks the chains and the tree under pinned keys, and stops everything", async () => {
    const ran = await run("restore", "first.tar", "--data", at("restored"), "--trust", "trust.json", "--json");
    expect(ran).toMatchObject({
      exit: 0,
      json: { holds: true, restored: true, underOwnKeys: false, frozen: 1, missing: [] },
    });
    expect(ran.json.size).toBeGreaterThan(5);
    expect(ran.json.keysMissing).toEqual(["sealing.key", "signing-key"]);
    expect((await run("restore", "first.tar", "--data", at("restored"))).exit).toBe(6);
  });

  it("does not start without the keys, and never makes new ones in their place", async () => {
    await expect(start("restored")).rejects.toThrow("is not here");
    expect(existsSync(at("restored", "sealing.key"))).toBe(false);
    expect(existsSync(at("restored", "signing-key"))).toBe(false);
  });

  it("brings back actions, receipts and secrets; what was open is frozen until a person lifts the stop", async () => {
    for (const name of ["sealing.key", "signing-key"]) cpSync(at("data", name), at("restored", name));
    await first.stop();
    second = await start("restored", ana);
    await logIn(second, ana);
    const receipt = await as(second, ana, "receipt", actions[0] ?? "");
    expect(receipt.stdout).toContain("welcome.md");
    expect((await as(second, ana, "secret")).stdout).toContain("upstream/token");
    // What can be found follows what is there.
    await until(async () =>
      (await as(second, ana, "lookup", "welcome.md")).stdout.includes(actions[0] ?? "") ? true : undefined,
    );
    const refused = await cli.run(
      [
        "--url",
        second.url,
        "actions",
        "submit",
        "files.read_text_file",
        "--args",
        JSON.stringify({ path: at("workspace", "sandbox/pages/welcome.md") }),
      ],
      { env: { COUNTERSIGN_KEY: key } },
    );
    expect(refused.exit).toBe(3);
    expect(refused.stdout).toContain("restored from a backup");
    expect((await as(second, ana, "actions", "show", held, "--json")).json.state).toBe("held");
    const alerts = (await as(second, ana, "alerts", "--json")).json.alerts;
    const told = alerts.find((one: { kind: string }) => one.kind === "restored");
    expect(told.sentence).toContain("everything is stopped");
    const deed = (await as(second, ana, "receipt", told.subject, "--json")).json;
    expect(deed).toMatchObject({ kind: "restored", person: "countersign", payload: { frozen: 1, rolledBack: [] } });
    const { stops } = (await as(second, ana, "stops", "--json")).json;
    expect((await as(second, ana, "lift", stops[0].id, "--reason", "looked")).exit).toBe(0);
    expect(await act(second)).toMatch(/^act_/);
    await until(async () =>
      (await as(second, ana, "log", "checkpoint", "--trust", "trust.json")).stdout.includes("only grew")
        ? true
        : undefined,
    );
  });

  // What the second plane's own anchor has seen is more than the first backup holds.
  const anchor = (): string => at("restored", "anchor", "checkpoints");

  it("of an older backup than an anchor has seen is refused", async () => {
    await second.stop();
    const refused = await run("restore", "first.tar", "--data", at("older"), "--anchor", anchor(), "--json");
    expect(refused).toMatchObject({ exit: 1, json: { holds: false, restored: false } });
    expect(refused.json.problems.join()).toContain("it is older than what was there");
    expect(refused.json.missing[0].seen).toBeGreaterThan(refused.json.about.size);
    expect(existsSync(at("older", "database-keys.json"))).toBe(false);

    // Also where only the start of the server can see the anchor.
    expect((await run("restore", "first.tar", "--data", at("older"))).exit).toBe(0);
    for (const name of ["sealing.key", "signing-key"]) cpSync(at("data", name), at("older", name));
    cpSync(at("restored", "anchor"), at("older", "anchor"), { recursive: true });
    await expect(start("older")).rejects.toThrow("it was rolled back");
    rmSync(at("older"), { recursive: true });
  });

  it("of an older backup is said in the open where it is meant, and accepted once", async () => {
    const reason = "the newer disk is lost";
    const accepted = await run(
      "restore",
      "first.tar",
      "--data",
      at("older"),
      "--anchor",
      anchor(),
      "--accept-rollback",
      reason,
    );
    expect(accepted).toMatchObject({ exit: 0, stdout: expect.stringContaining("and it will be told") });
    for (const name of ["sealing.key", "signing-key"]) cpSync(at("data", name), at("older", name));
    cpSync(at("restored", "anchor"), at("older", "anchor"), { recursive: true });
    const third = await start("older", ana);
    await logIn(third, ana);
    const lines = readFileSync(at("older", "anchor", "checkpoints"), "utf8")
      .trim()
      .split("\n");
    const said = lines.map((one) => JSON.parse(one)).find((one) => one.rollback !== undefined);
    expect(said.rollback).toMatchObject({ reason, from: expect.any(Number) });
    expect(said.size).toBeLessThan(said.rollback.from);
    const alerts = (await as(third, ana, "alerts", "--json")).json.alerts;
    const told = alerts.find((one: { kind: string }) => one.kind === "restored");
    expect(told.sentence).toContain("begins again at");
    const deed = (await as(third, ana, "receipt", told.subject, "--json")).json;
    expect(deed.payload).toMatchObject({ acceptRollback: reason, rolledBack: [{ from: said.rollback.from }] });
    // Who pinned the newer log hears of it: the older one does not contain it.
    const pinned = JSON.parse((await as(third, ana, "log", "trust")).stdout);
    expect(pinned.keys).toHaveLength(1);
    await third.stop();
    // Once said, it stays said: the next start is an ordinary one.
    const again = await start("older");
    await again.stop();
    // A rollback is accepted once, for what was restored; not for whatever the database becomes.
    appendFileSync(
      at("older", "anchor", "checkpoints"),
      `${JSON.stringify({ size: said.rollback.from, note: "nonsense" })}\n`,
    );
    await expect(start("older")).rejects.toThrow("no key of this log has signed");
  }, 240_000);
});
