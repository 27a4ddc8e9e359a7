import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Binaries, findPackage, placeBinaries } from "./binaries.ts";
import { findServerUser, isReachable, isSafeFromOthers } from "./server-user.ts";

const user = findServerUser();
let top: string;
let bare: Binaries;
let home: string;

beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), "countersign-binaries-"));
  chmodSync(top, 0o755);
  const found = findPackage();
  const folder = join(top, "package");
  cpSync(join(found.root, ".."), folder, { recursive: true, verbatimSymlinks: true });
  for (const { target } of JSON.parse(readFileSync(join(found.root, "pg-symlinks.json"), "utf8")) as {
    target: string;
  }[])
    rmSync(join(folder, target), { force: true });
  bare = findPackage(folder);
});
afterAll(() => rmSync(top, { recursive: true, force: true }));
beforeEach(() => {
  home = mkdtempSync(join(top, "home-"));
  chmodSync(home, 0o755);
});

const version = (at: Binaries) =>
  execFileSync(join(at.root, "bin", "postgres"), ["--version"], {
    cwd: "/",
    encoding: "utf8",
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });

it("makes the library links that the install script would have made, in a copy that the server's account can run", () => {
  expect(() => version(bare)).toThrow();
  const placed = placeBinaries(bare, user, [home]);
  expect(placed.root.startsWith(home)).toBe(true);
  expect(version(placed)).toContain(`PostgreSQL) ${bare.major}`);
});

it("uses a copy again, and replaces one whose content is not the package's", () => {
  const { root } = placeBinaries(bare, user, [home]);
  writeFileSync(join(root, "..", "marker"), "");
  expect(placeBinaries(bare, user, [home]).root).toBe(root);
  appendFileSync(join(root, "bin", "postgres"), "planted");
  writeFileSync(join(root, "lib", "libextra.so"), "planted");
  const again = placeBinaries(bare, user, [home]);
  expect(readFileSync(join(again.root, "bin", "postgres")).includes("planted")).toBe(false);
  expect(existsSync(join(again.root, "lib", "libextra.so"))).toBe(false);
  expect(readdirSync(join(home, "pgbin")).filter((name) => name.startsWith("."))).toEqual([]);
});

it("does not trust a folder that others can write to", () => {
  chmodSync(home, 0o777);
  expect(isSafeFromOthers(home)).toBe(false);
  expect(() => placeBinaries(bare, user, [home])).toThrow("no safe folder");
  const safe = join(top, "safe");
  mkdirSync(safe, { mode: 0o755, recursive: true });
  expect(placeBinaries(bare, user, [home, safe]).root.startsWith(safe)).toBe(true);
});

it("says what to do where there is no package", () => {
  expect(() => findPackage("@countersign/no-such-package")).toThrow("not installed");
});

it.runIf(user)("knows which folders the server's account can walk through", () => {
  const closed = mkdtempSync(join(top, "closed-"));
  expect(isReachable(join(closed, "postgres"), user)).toBe(false);
  chmodSync(closed, 0o711);
  expect(isReachable(join(closed, "postgres"), user)).toBe(true);
  expect(isReachable(join(closed, "postgres"), undefined)).toBe(true);
});
