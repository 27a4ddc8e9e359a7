import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { checkScopes } from "./check-limits.ts";
import { sentence } from "./finding.ts";
import { read } from "./read.ts";

const { files: golden } = await read(new URL("golden", import.meta.url).pathname);
const replies = "workflows/replies.yaml";

const withLimit = (limit: string) => ({
  ...golden,
  [replies]: `${golden[replies]?.trimEnd()}\nguardrails:\n  - ${limit.trim().replaceAll("\n", "\n    ")}\n`,
});
const found = (limit: string) => check(withLimit(limit)).problems.map(sentence).join("\n");
const calls = (more: string) => `use: call-limit\ntools: [helpdesk.draft_refund]\nmost: 3\nwithin: 1h\n${more}`;
const objects = (more: string) => `use: object-limit\ntools: [helpdesk.draft_refund]\nmost: 3\nwithin: 1h\n${more}`;

describe("limits of a workflow file", () => {
  it.each(["per: workspace", "per: person", "per: args.customer", "per: target\nacross: workspace", "per: agent"])(
    "count over `%s`",
    (scope) => {
      expect(found(calls(scope))).toBe("");
      expect(found(objects(`argument: ids\n${scope}`))).toBe("");
    },
  );

  it.each([
    ["per: workspce", "error: `workspce` is not one of the choices", "did you mean `workspace`?"],
    ["per: args.", "error: `args.` is not one of the choices", "such as `args.customer`"],
    ["across: everywhere", "error: ", "`workspace`"],
    ["per: run\nacross: workspace", "what is counted per run is not in several workflows", "`per: workspace` alone"],
    ["across: workspace", "what is counted per workflow is not in several workflows", "`per: workspace` alone"],
  ])("%s is refused at its place", (scope, ...words) => {
    const told = found(calls(scope));
    for (const word of words) expect(told).toContain(word);
    expect(told).toMatch(/^workflows\/replies\.yaml:\d+:\d+: error: /);
  });

  it.each([
    ["", "it does not say what is counted"],
    ["argument: ids\ncounts: rows", "it says twice what is counted"],
    ["counts: row", "`row` is not one of the choices"],
    ["counts: rows", "`helpdesk.draft_refund` does not count rows, so each of its calls would be refused"],
  ])("an object limit with `%s` is refused", (more, told) => {
    expect(found(objects(more))).toContain(told);
  });

  it("a scope of refunds is refused where nothing is counted", () => {
    const refunds = `use: refund-limits\ntools: [helpdesk.draft_refund]\namount: amount\naloneUnder: 50 EUR\nupTo: 500 EUR\nfrom: leads\nper: args.customer`;
    expect(found(refunds)).toContain("nothing is counted without `perDay`");
    expect(found(`${refunds}\nperDay: 900 EUR`)).toBe("");
  });
});

describe("a scope that names an argument", () => {
  const schema = { type: "object", properties: { customer: { type: "string" }, amount: { type: "integer" } } };
  const told = (per: string, of: object | undefined = schema) =>
    checkScopes(withLimit(calls(`per: ${per}`)), () => of as never).map(sentence);

  it("is refused at its place where the reviewed tool does not take it, with the nearest that it takes", () => {
    const [problem = "", ...more] = told("args.custmer");
    expect(more).toEqual([]);
    expect(problem).toMatch(
      /^workflows\/replies\.yaml:\d+:10: error: `helpdesk\.draft_refund` takes no argument `custmer`/,
    );
    expect(problem).toContain("did you mean `customer`?");
    expect(told("args.customer")).toEqual([]);
    expect(told("args.toString", { type: "object" })).toHaveLength(1);
  });

  it("is left alone where the tool is not there to be asked, and where it names none", () => {
    expect(told("args.custmer", undefined)).not.toEqual([]);
    expect(checkScopes(withLimit(calls("per: args.custmer")), () => undefined)).toEqual([]);
    expect(told("run")).toEqual([]);
    expect(checkScopes({ [replies]: "guardrails: args." }, () => schema)).toEqual([]);
  });
});
