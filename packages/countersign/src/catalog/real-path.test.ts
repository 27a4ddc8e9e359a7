import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mapEnvironment } from "./environment.ts";
import { realPath } from "./real-path.ts";

let at: string;
beforeAll(() => {
  at = realpathSync(mkdtempSync(join(tmpdir(), "countersign-links-")));
  for (const folder of ["sandbox/pages", "production", "elsewhere"]) mkdirSync(join(at, folder), { recursive: true });
  writeFileSync(join(at, "production/site.json"), "{}");
  symlinkSync("../production", join(at, "sandbox/link"));
  symlinkSync("../production/new.json", join(at, "sandbox/to-nothing"));
  symlinkSync("../production/site.json", join(at, "sandbox/to-file"));
  symlinkSync("../elsewhere", join(at, "sandbox/out"));
  symlinkSync("pages", join(at, "sandbox/within"));
  symlinkSync("circle", join(at, "sandbox/circle"));
  symlinkSync("sandbox", join(at, "named"));
});
afterAll(() => rmSync(at, { recursive: true, force: true }));

describe("where a path leads", () => {
  it.each([
    ["sandbox/pages/new/deep.md", "sandbox/pages/new/deep.md"],
    ["sandbox/link/site.json", "production/site.json"],
    ["sandbox/link/new.json", "production/new.json"],
    ["sandbox/to-file", "production/site.json"],
    ["sandbox/within/x", "sandbox/pages/x"],
    ["sandbox/to-nothing", undefined],
    ["sandbox/to-nothing/x", undefined],
    ["sandbox/circle", undefined],
    ["sandbox/circle/x", undefined],
    ["nowhere/at/all", "nowhere/at/all"],
  ])("%s", (path, leads) => {
    expect(realPath(join(at, path))).toBe(leads === undefined ? undefined : join(at, leads));
  });

  it("of the root is the root", () => {
    expect(realPath("/")).toBe("/");
  });
});

describe("the environment of a path", () => {
  const environments = new Map(
    ["sandbox", "production"].map((name) => [name, { name, production: name === "production" }]),
  );
  const environmentOf = (path: string, root = "sandbox") =>
    mapEnvironment(
      [{ by: "path", arguments: ["path"] }],
      { path: join(at, path) },
      {
        environments,
        production: { name: "production", production: true },
        roots: [
          { path: join(at, root), environment: "sandbox" },
          { path: join(at, "production"), environment: "production" },
        ],
        hosts: [],
        names: new Map(),
        real: realPath,
      },
    )?.name;

  it.each([
    ["sandbox/pages/a.md", "sandbox"],
    ["sandbox/within/a.md", "sandbox"],
    ["sandbox/new/folder/a.md", "sandbox"],
    ["production/site.json", "production"],
    ["sandbox/link/site.json", undefined],
    ["sandbox/link/new.json", undefined],
    ["sandbox/link", undefined],
    ["sandbox/to-file", undefined],
    ["sandbox/to-nothing", undefined],
    ["sandbox/out/a.md", undefined],
    ["sandbox/circle/a.md", undefined],
  ])("%s is that of where it leads, or nobody's: %s", (path, name) => {
    expect(environmentOf(path)).toBe(name);
  });

  it("is that of a root which is a link itself, and of one that is not there yet", () => {
    expect(environmentOf("named/pages/a.md", "named")).toBe("sandbox");
    expect(environmentOf("named/link/site.json", "named")).toBeUndefined();
    expect(environmentOf("later/a.md", "later")).toBe("sandbox");
  });
});
