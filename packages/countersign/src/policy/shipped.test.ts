import { expect, it } from "vitest";
import { readTexts } from "./read-texts.ts";
import { shippedPolicies } from "./shipped.ts";

const ends = (text: string) => [...text.matchAll(/\};$/gm)].length;

it("what ships is seven files, each of policies", () => {
  const texts = shippedPolicies();
  expect(texts.map(({ file, source }) => [file, source])).toEqual(
    ["base", "tier-0", "tier-1", "tier-2", "tier-3", "flow", "undo"].map((name) => [`${name}.cedar`, "shipped"]),
  );
  const { policies, faults } = readTexts({ texts });
  expect(faults).toEqual([]);
  expect(new Set(policies.map(({ file }) => file)).size).toBe(7);
});

it("workflows for which flow is off are spared by the policies of flow, and by no others", () => {
  const [usual, spared] = [shippedPolicies(), shippedPolicies(["b", 'a"'])];
  expect(shippedPolicies([])).toEqual(usual);
  expect(spared.slice(0, 5)).toEqual(usual.slice(0, 5));
  const [before, after] = [usual[5]?.text ?? "", spared[5]?.text ?? ""];
  expect(ends(before)).toBeGreaterThan(1);
  expect(after.split('unless { ["a\\"", "b"].contains(principal.workflow) };').length - 1).toBe(ends(before));
  expect(ends(after)).toBe(ends(before));
  const { policies, faults } = readTexts({ texts: [{ source: "shipped", file: "flow", text: after }] });
  expect(faults).toEqual([]);
  expect(policies.every(({ syntax }) => syntax.conditions.at(-1)?.kind === "unless")).toBe(true);
  expect(policies).toHaveLength(ends(before));
});
