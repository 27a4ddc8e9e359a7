import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { bugs } from "./bugs.ts";

it("every planted bug still finds the place that it breaks", () => {
  const lost = bugs.flatMap((bug) =>
    bug.patches.flatMap(({ file, swaps }) => {
      const text = readFileSync(new URL(`../../packages/countersign/src/${file}`, import.meta.url), "utf8");
      return swaps
        .filter(([find]) => text.split(find).length !== 2)
        .map(([find]) => `${bug.name}: ${file}: ${find.slice(0, 80)}`);
    }),
  );
  expect(lost).toEqual([]);
  expect(bugs.length).toBeGreaterThanOrEqual(10);
  expect(new Set(bugs.map((bug) => bug.name)).size).toBe(bugs.length);
});
