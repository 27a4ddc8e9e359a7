import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
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
import { afterEach, describe, expect, it, vi } from "vitest";
import { silent } from "../floor/log.ts";
import { findPackage } from "./embedded/binaries.ts";
import { endPostmaster } from "./embedded/launch.ts";
import { isPostmasterOf, readPostmaster } from "./embedded/postmaster.ts";
import { findServerUser } from "./embedded/server-user.ts";
import { type Embedded, startEmbedded } from "./embedded.ts";
import { openDb } from "./pool.ts";

// A cluster is made anew in each test, and some start several servers: a busy machine is no finding.
vi.setConfig({ testTimeout: 240_000 });

const childFile = fileURLToPath(new URL("../../../../test/support/embedded-child.ts", import.meta.url));
const isRoot = process.getuid?.() === 0;
const user = findServerUser();
const asServer = user === undefined ? {} : { uid: user.uid, gid: user.gid };

const folders: string[] = [];
const servers: Embedded[] = [];
const children: ChildProcess[] = [];
const mounts: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "countersign-embedded-"));
  chmodSync(folder, 0o755);
  folders.push(folder);
  return folder;
}

async function start(dataDir: string, more: Partial<Parameters<typeof startEmbedded>[0]> = {}): Promise<Embedded> {
  const server = await startEmbedded({ dataDir, log: silent, ...more });
  servers.push(server);
  return server;
}

async function ask<T>(server: Embedded, text: string): Promise<T | undefined> {
  const db = openDb(server.admin, { log: silent, max: 1 });
  try {
    return (await db.query<{ answer: T }>(text)).rows[0]?.answer;
  } finally {
    await db.close();
  }
}

async function startChild(dataDir: string): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn(process.execPath, [childFile, dataDir], { stdio: ["ignore", "pipe", "inherit"], detached: true });
  children.push(child);
  const [line] = (await once(child.stdout ?? process.stdin, "data")) as [Buffer];
  return { child, pid: (JSON.parse(line.toString()) as { pid: number }).pid };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await kill(child);
  for (const server of servers.splice(0)) await server.stop();
  for (const mount of mounts.splice(0)) execFileSync("umount", ["-l", mount]);
  for (const folder of folders.splice(0)) {
    for (const cluster of [join(folder, "data", "postgres"), join(folder, "postgres")]) {
      const left = readPostmaster(cluster);
      if (left !== undefined) await endPostmaster(left.pid, cluster);
    }
    rmSync(folder, { recursive: true, force: true });
  }
});

describe("a new folder", () => {
  it("gets a durable server that only its own account can reach", async () => {
    const root = join(newFolder(), "data");
    const server = await start(root);
    expect(server.adopted).toBe(false);
    expect(await ask(server, "select current_setting('listen_addresses') as answer")).toBe("");
    expect(await ask(server, "select current_setting('data_checksums') as answer")).toBe("on");
    expect(
      await ask(server, "select current_setting('fsync') || current_setting('synchronous_commit') as answer"),
    ).toBe("onon");
    expect(
      await ask(
        server,
        "select datcollate || pg_encoding_to_char(encoding) as answer from pg_database where datname = 'countersign'",
      ),
    ).toBe("CUTF8");
    expect(statSync(server.app.host).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, "database-keys.json")).mode & 0o777).toBe(0o600);
    const wrong = openDb({ ...server.admin, password: server.app.password }, { log: silent });
    await expect(wrong.query("select 1")).rejects.toMatchObject({ code: "unavailable" });
    await wrong.close();
    const rights = await ask(
      server,
      "select count(*)::int as answer from pg_roles where rolname like 'countersign%' and (rolsuper or rolcreaterole or rolcreatedb)",
    );
    expect(rights).toBe(0);
    expect(readFileSync(`/proc/${server.pid()}/status`, "utf8")).toMatch(
      new RegExp(`^Uid:\\s+${user?.uid ?? process.getuid?.()}\\s`, "m"),
    );
  });

  it("writes no value of a failed statement into its log", async () => {
    const root = join(newFolder(), "data");
    const server = await start(root);
    for (const text of [
      "select 'hunter2'::int",
      "create table t (v text unique); insert into t values ('hunter2'), ('hunter2')",
    ])
      await expect(ask(server, text)).rejects.toThrow();
    await server.stop();
    const log = readFileSync(join(root, "postgres.log"), "utf8");
    expect(log).toContain("database system is shut down");
    expect(log).not.toContain("hunter2");
  });

  it("keeps what was written when it is stopped and started", async () => {
    const root = join(newFolder(), "data");
    const first = await start(root);
    await ask(first, "create table kept as select 7 as answer");
    await first.stop();
    expect(existsSync(join(root, "countersign.lock"))).toBe(false);
    expect(await ask(await start(root), "select answer from kept")).toBe(7);
  });
});

describe("binaries", () => {
  it("run although the package lies where the server's account cannot read and its install script never ran", async () => {
    const home = newFolder();
    const hidden = join(home, "hidden");
    const { root } = findPackage();
    cpSync(join(root, ".."), join(hidden, "package"), { recursive: true, verbatimSymlinks: true });
    const links = JSON.parse(readFileSync(join(root, "pg-symlinks.json"), "utf8")) as { target: string }[];
    for (const { target } of links) rmSync(join(hidden, "package", target), { force: true });
    chmodSync(hidden, 0o700);
    const server = await start(join(home, "data"), { package: join(hidden, "package") });
    expect(await ask(server, "select 1 as answer")).toBe(1);
    if (isRoot) expect(readFileSync(`/proc/${server.pid()}/cmdline`, "utf8")).not.toContain("hidden");
  });
});

describe("paths", () => {
  it("a socket path that is too long moves to a short closed folder, the same one each time", async () => {
    const root = join(newFolder(), "a".repeat(60), "b".repeat(60));
    const first = await start(root);
    expect(Buffer.byteLength(first.app.host)).toBeLessThan(60);
    expect(statSync(first.app.host).mode & 0o777).toBe(0o700);
    folders.push(first.app.host);
    await first.stop();
    const second = await start(root);
    expect(second.app.host).toBe(first.app.host);
    expect(await ask(second, "select 1 as answer")).toBe(1);
  });

  it.runIf(isRoot)(
    "a data folder that the server's account cannot reach keeps a note of where the cluster is",
    async () => {
      const closed = join(newFolder(), "closed");
      mkdirSync(closed, { mode: 0o700 });
      const root = join(closed, "data");
      const server = await start(root);
      const at = readFileSync(join(root, "postgres-is-at"), "utf8").trim();
      folders.push(at);
      expect(at).toMatch(/^\/var\/lib\/countersign\//);
      await ask(server, "create table kept as select 7 as answer");
      await server.stop();
      expect(await ask(await start(root), "select answer from kept")).toBe(7);
    },
  );

  it.runIf(isRoot)("a data folder that was removed can be made again, whatever it left elsewhere", async () => {
    const closed = join(newFolder(), "closed");
    mkdirSync(closed, { mode: 0o700 });
    const root = join(closed, "data");
    const noted = () => readFileSync(join(root, "postgres-is-at"), "utf8").trim();
    await (await start(root)).stop();
    const before = noted();
    rmSync(root, { recursive: true });
    expect(await ask(await start(root), "select 1 as answer")).toBe(1);
    expect(noted()).not.toBe(before);
    folders.push(before, noted());
  });
});

describe("after a crash", () => {
  it("adopts the server that a killed process left running", async () => {
    const root = join(newFolder(), "data");
    const { child, pid } = await startChild(root);
    await kill(child);
    const server = await start(root);
    expect([server.adopted, server.pid()]).toEqual([true, pid]);
    expect(await ask(server, "select 1 as answer")).toBe(1);
    await server.stop();
    expect(isPostmasterOf(pid, join(root, "postgres"))).toBe(false);
    expect((await start(root)).adopted).toBe(false);
  });

  it("replaces an orphan whose socket was removed", async () => {
    const root = join(newFolder(), "data");
    const { child, pid } = await startChild(root);
    await kill(child);
    rmSync(join(root, "run", ".s.PGSQL.5432"));
    const server = await start(root);
    expect(server.pid()).not.toBe(pid);
    expect(await ask(server, "select 1 as answer")).toBe(1);
  });

  it("starts at once after both it and its server were killed", async () => {
    const root = join(newFolder(), "data");
    const { child, pid } = await startChild(root);
    process.kill(pid, "SIGKILL");
    await kill(child);
    const server = await start(root);
    expect(server.adopted).toBe(false);
    expect(await ask(server, "select 1 as answer")).toBe(1);
  });

  it("is not stopped by a postmaster.pid whose process id now belongs to another program", async () => {
    const root = join(newFolder(), "data");
    const first = await start(root);
    const running = readFileSync(join(root, "postgres", "postmaster.pid"), "utf8");
    await first.stop();
    const other = spawn("sleep", ["600"], { stdio: "ignore", cwd: "/", ...asServer });
    children.push(other);
    const stale = [String(other.pid), ...running.split("\n").slice(1)].join("\n");
    writeFileSync(join(root, "postgres", "postmaster.pid"), stale);
    writeFileSync(join(root, "run", ".s.PGSQL.5432.lock"), stale);
    if (user !== undefined)
      for (const file of ["postgres/postmaster.pid", "run/.s.PGSQL.5432.lock"])
        execFileSync("chown", [`${user.uid}:${user.gid}`, join(root, file)]);
    const server = await start(root);
    expect(server.adopted).toBe(false);
    expect(await ask(server, "select 1 as answer")).toBe(1);
    expect(other.exitCode).toBeNull();
  });

  it("starts its server again when only that was killed", async () => {
    const root = join(newFolder(), "data");
    const server = await start(root);
    await ask(server, "create table kept as select 7 as answer");
    const before = server.pid();
    process.kill(before, "SIGKILL");
    await vi.waitFor(() => expect(server.pid()).not.toBe(before), { timeout: 120_000 });
    expect(await ask(server, "select answer from kept")).toBe(7);
  });

  it("Ctrl-C reaches the product and not its server, so that the drain can still write", async () => {
    const root = join(newFolder(), "data");
    const { child, pid } = await startChild(root);
    const ended = once(child, "exit");
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect(await ended).toEqual([7, null]);
    expect(isPostmasterOf(pid, join(root, "postgres"))).toBe(false);
  });
});

describe("refusals", () => {
  it("a second start in the same folder names the process that is there", async () => {
    const root = join(newFolder(), "data");
    const { child } = await startChild(root);
    await expect(start(root)).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining(`process ${child.pid}`),
      help: expect.stringContaining("COUNTERSIGN_DATA"),
    });
  });

  it.runIf(existsSync(fileURLToPath(new URL("../../../../node_modules/pg15", import.meta.url))))(
    "a folder of another major version names both and says what to do",
    async () => {
      const root = join(newFolder(), "data");
      const old = await start(root, { package: "pg15" });
      await old.stop();
      await expect(start(root)).rejects.toMatchObject({
        code: "conflict",
        detail: expect.stringMatching(/written by postgres 15; this is postgres 18/),
        help: expect.stringContaining("countersign backup"),
      });
    },
  );

  it("a lost password file is said, and no server stays behind", async () => {
    const root = join(newFolder(), "data");
    await (await start(root)).stop();
    rmSync(join(root, "database-keys.json"));
    await expect(start(root)).rejects.toMatchObject({
      code: "unavailable",
      help: expect.stringContaining("database-keys.json"),
    });
    expect(readPostmaster(join(root, "postgres"))).toBeUndefined();
  });
});

describe("a full disk", () => {
  const canMount = isRoot && tryMount();
  if (!canMount) console.warn("full disk: not tested here, a small file system cannot be mounted");

  it.runIf(canMount)("at the first start is called by its name, and leaves nothing half made", async () => {
    const root = mountSmall("16m");
    await expect(start(root)).rejects.toMatchObject({ code: "unavailable", detail: expect.stringContaining("full") });
    expect(existsSync(join(root, "postgres"))).toBe(false);
    execFileSync("mount", ["-o", "remount,size=200m", root]);
    expect(await ask(await start(root), "select 1 as answer")).toBe(1);
  });

  it.runIf(canMount)("while it runs makes writing unavailable, and loses nothing that was confirmed", async () => {
    const root = mountSmall("120m");
    const server = await start(root);
    const db = openDb(server.admin, { log: silent, max: 1 });
    await db.query("create table filled (id int primary key, text text)");
    let confirmed = 0;
    const error: unknown = await (async () => {
      for (let id = 1; id < 500; id++) {
        await db.query(
          "insert into filled select $1::int, string_agg(md5((n * $1::int)::text), '') from generate_series(1, 20000) n",
          [id],
        );
        confirmed = id;
      }
    })().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "unavailable" });
    expect(confirmed).toBeGreaterThan(0);
    execFileSync("mount", ["-o", "remount,size=400m", root]);
    await vi.waitFor(
      async () =>
        expect(await ask(server, "select count(*)::int as answer from filled")).toBeGreaterThanOrEqual(confirmed),
      {
        timeout: 120_000,
        interval: 200,
      },
    );
    await db.close();
  });
});

function mountSmall(size: string): string {
  const root = join(newFolder(), "data");
  mkdirSync(root, { mode: 0o711 });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=711`, "tmpfs", root]);
  mounts.push(root);
  return root;
}

function tryMount(): boolean {
  const at = mkdtempSync(join(tmpdir(), "countersign-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", at], { stdio: "ignore" });
    execFileSync("umount", [at]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
}
