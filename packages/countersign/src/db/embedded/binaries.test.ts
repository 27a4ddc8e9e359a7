import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packages } from "./binaries.ts";

const root = join(import.meta.dirname, "../../../../..");
type Lock = { readonly packages: { readonly [path: string]: { readonly [field: string]: unknown } | undefined } };
const { packages: locked } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;

it("each platform has its PostgreSQL and its Node pinned, for that system and processor alone", () => {
  expect(Object.keys(packages).sort()).toEqual(["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-x64"]);
  const { optionalDependencies = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    optionalDependencies?: Record<string, string>;
  };
  const nodes = Object.keys(optionalDependencies).filter((name) => name.startsWith("node-"));
  const fits = (path: string, platform: string): boolean => {
    const { os, cpu } = locked[`node_modules/${path}`] ?? {};
    return `${[os].flat().join()}-${[cpu].flat().join()}` === platform;
  };
  for (const [platform, name] of Object.entries(packages)) {
    expect([platform, fits(name, platform)]).toEqual([platform, true]);
    expect([platform, nodes.filter((node) => fits(node, platform)).length]).toEqual([platform, 1]);
  }
});
