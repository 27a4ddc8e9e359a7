import { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mapEnvironment, whyUnmapped } from "./environment.ts";
import { openDisk } from "./real-path.ts";

let at: string;
beforeAll(() => {
  at = realpathSync(mkdtempSync(join(tmpdir(), "countersign-links-")));
  for (const folder of ["sandbox/pages", "production/a", "elsewhere", "whole/sub/production"])
    mkdirSync(join(at, folder), { recursive: true });
  writeFileSync(join(at, "production/site.json"), "{}");
  symlinkSync("../production", join(at, "sandbox/link"));
  symlinkSync("../production/new.json", join(at, "sandbox/to-nothing"));
  symlinkSync("../production/site.json", join(at, "sandbox/to-file"));
  symlinkSync("../elsewhere", join(at, "sandbox/out"));
  symlinkSync("pages", join(at, "sandbox/within"));
  symlinkSync("../production/a", join(at, "sandbox/deep"));
  symlinkSync("sub", join(at, "whole/above"));
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
    expect(openDisk()(join(at, path))).toBe(leads === undefined ? undefined : join(at, leads));
  });

  it.each([
    ["sandbox/deep/../secret", "production/secret"],
    ["sandbox/pages/../a.md", "sandbox/a.md"],
    ["sandbox/new/deep/../../pages/x", "sandbox/pages/x"],
    ["sandbox/new/../../production/x", "production/x"],
  ])("%s, read as it stands", (path, leads) => {
    expect(openDisk()(`${at}/${path}`)).toBe(join(at, leads));
  });

  it("of the root is the root", () => {
    expect(openDisk()("/")).toBe("/");
  });
});

describe("the environment of a path", () => {
  const environments = new Map(
    ["sandbox", "production"].map((name) => [name, { name, production: name === "production" }]),
  );
  const placesOf = (root: string, disk = () => openDisk()) => ({
    environments,
    production: { name: "production", production: true },
    roots: [
      { path: join(at, root), environment: "sandbox" },
      { path: join(at, "production"), environment: "production" },
      { path: join(at, "whole/sub/production"), environment: "production" },
    ],
    hosts: [],
    names: new Map(),
    disk,
  });
  const mapping = [{ by: "path" as const, arguments: ["path"] }];
  const environmentOf = (path: string, root = "sandbox") =>
    mapEnvironment(mapping, { path: `${at}/${path}` }, placesOf(root))?.name;

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

  it("is nobody's where `..` behind a link leads elsewhere than the text says", () => {
    expect(environmentOf("sandbox/deep/../secret")).toBeUndefined();
    expect(environmentOf("sandbox/link/../sandbox/a.md")).toBeUndefined();
    expect(environmentOf("sandbox/pages/../a.md")).toBe("sandbox");
    expect(environmentOf("sandbox/within/../a.md")).toBe("sandbox");
  });

  it("is nobody's where it leads above a root of another environment", () => {
    expect(environmentOf("whole/above", "whole")).toBeUndefined();
    expect(environmentOf("whole/above/other", "whole")).toBe("sandbox");
  });

  /** A disk that counts what it is asked. */
  const counting = () => {
    const asked: string[] = [];
    const look = (path: string) => {
      asked.push(path);
      return path;
    };
    const disk = () =>
      openDisk({
        isLink: (path) => lstatSync(look(path)).isSymbolicLink(),
        real: (path) => realpathSync.native(look(path)),
      });
    return { asked, places: placesOf("sandbox", disk) };
  };
  const parts = (count: number, name: string) => Array.from({ length: count }, () => name).join("/");

  it("looks at the disk no further than the first folder that is not there, and nowhere twice", () => {
    const { asked, places } = counting();
    const room = 64 - join(at, "sandbox").split("/").length;
    const path = Array.from({ length: 200 }, (_, i) => join(at, "sandbox", `new-${i}`, parts(room, "n")));
    expect(mapEnvironment(mapping, { path }, places)?.name).toBe("sandbox");
    expect(asked.filter((one) => one.includes("new-"))).toHaveLength(200);
    expect(asked.length).toBeLessThan(200 + 40);
  });

  it("is nobody's where a path is too deep or a call names too many, and the disk is not asked", () => {
    const { asked, places } = counting();
    const deep = join(at, "sandbox", parts(64, "n"));
    expect(mapEnvironment(mapping, { path: deep }, places)).toBeUndefined();
    expect(whyUnmapped(mapping, { path: deep }, places)).toBe("its argument `path` is a path of more than 64 parts");
    const back = `${at}/sandbox/${parts(64, "n/..")}/a`;
    expect(mapEnvironment(mapping, { path: back }, places)).toBeUndefined();
    const path = Array.from({ length: 201 }, (_, i) => join(at, "sandbox", String(i)));
    expect(mapEnvironment(mapping, { path }, places)).toBeUndefined();
    expect(whyUnmapped(mapping, { path }, places)).toBe("it names more than 200 paths in one call");
    expect(asked).toEqual([]);
  });
});
