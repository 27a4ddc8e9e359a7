import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../../packages/countersign/console");

interface Sizes {
  /** Kilobytes after gzip, of what is loaded before anything shows. */
  readonly script: number;
  readonly style: number;
  /** The largest part that is loaded later. */
  readonly lazy: number;
}

function sizesOf(html: string, file: (path: string) => Buffer, all: readonly string[]): Sizes {
  const kilobytes = (path: string): number => gzipSync(file(path), { level: 9 }).length / 1000;
  const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
  const sum = (end: string): number =>
    named.filter((path) => path.endsWith(end)).reduce((total, path) => total + kilobytes(path), 0);
  const later = all.filter((path) => path.endsWith(".js") && !named.includes(path));
  return { script: sum(".js"), style: sum(".css"), lazy: Math.max(0, ...later.map(kilobytes)) };
}

function faultsOf({ script, style, lazy }: Sizes): readonly string[] {
  return [
    ...(script > 120 ? [`the script that everything waits for has ${script.toFixed(1)} KB, 120 at most`] : []),
    ...(style > 15 ? [`the style has ${style.toFixed(1)} KB, 15 at most`] : []),
    ...(lazy > 60 ? [`a later part has ${lazy.toFixed(1)} KB, 60 at most`] : []),
  ];
}

it("the console stays within its budget of bytes", () => {
  const all = readdirSync(join(root, "assets")).map((name) => `assets/${name}`);
  const html = readFileSync(join(root, "index.html"), "utf8");
  const sizes = sizesOf(html, (path) => readFileSync(join(root, path)), all);
  expect(sizes.script).toBeGreaterThan(10);
  expect(sizes.style).toBeGreaterThan(1);
  expect(faultsOf(sizes)).toEqual([]);
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(html).not.toMatch(/https?:\/\//);
});

it("a console over its budget is seen", () => {
  const noise = Buffer.from(Array.from({ length: 200_000 }, () => Math.floor(Math.random() * 256)));
  const html = '<script src="/assets/a.js"></script><link href="/assets/a.css">';
  const sizes = sizesOf(html, () => noise, ["assets/a.js", "assets/b.js"]);
  expect(faultsOf(sizes)).toHaveLength(3);
});
