import { expect, it } from "vitest";
import { prefixesOf, scopesOf } from "./scopes-of.ts";

it.each([
  [["ticket/1", "ticket/2"], ["ticket/"]],
  [["acme/shop/a", "acme/shop/b/c"], ["acme/shop/"]],
  [
    ["acme/shop/a", "other/x"],
    ["acme/shop/", "other/"],
  ],
  [["one", "ticket/1"], []],
  [['ticket"/1'], []],
  [["star*/1"], []],
  [Array.from({ length: 9 }, (_, at) => `team-${at}/x`), []],
])("%j begin with %j", (targets, prefixes) => {
  expect(prefixesOf(targets)).toEqual(prefixes);
  if (prefixes.length > 0)
    expect(targets.every((target) => prefixes.some((prefix) => target.startsWith(prefix)))).toBe(true);
});

it("tools of one scope stand together, and no target of the work is out of it", () => {
  const used = (tool: string, environment: string, target: string) => ({
    action: { tool, verb: "read" as const, definitionDigest: "", reviewed: true },
    resource: { system: "s", environment: { name: environment, production: false }, target, labels: [] },
  });
  const work = [
    used("a.x", "desk", "t/1"),
    used("a.y", "desk", "t/2"),
    used("a.y", "desk", "t/3"),
    used("a.z", "live", "t/1"),
  ];
  expect(scopesOf(work)).toEqual([
    { name: "within", tools: ["a.x", "a.y"], environments: ["desk"], targets: ["t/"] },
    { name: "within-2", tools: ["a.z"], environments: ["live"], targets: ["t/"] },
  ]);
  expect(scopesOf([])).toEqual([]);
});
