import { describe, expect, it } from "vitest";
import type { ArgumentTypes } from "../argument-types.ts";
import { readWindow, type Scope } from "../window.ts";
import { guardrailFaults } from "./faults.ts";
import { guardrailsFromCedar } from "./from-cedar.ts";
import type { Guardrail } from "./guardrail.ts";
import { guardrailToCedar } from "./to-cedar.ts";

const tools = ["a.b", "c.d"];
const ask = { from: "sre", count: 1, open: "4h", valid: "1h", exclude: ["requester"] } as const;
const scopes: readonly { readonly per: Scope; readonly across?: true }[] = [
  ...(["workflow", "workspace", "agent", "person", "run", "target", "args.customer"] as const).map((per) => ({ per })),
  ...(["person", "target", "args.customer"] as const).map((per) => ({ per, across: true as const })),
];
const limits = scopes.flatMap((scope): readonly Guardrail[] => [
  { use: "call-limit", name: "calls", tools, most: 3, within: "1h", ...scope },
  { use: "object-limit", name: "ids", tools, argument: "ids", most: 3, within: "1h", ...scope },
  { use: "object-limit", name: "rows", tools, counts: "rows", most: 3, within: "1h", ...scope },
  {
    ...{
      use: "refund-limits",
      name: "money",
      tools,
      amount: "amount",
      in: "cents",
      aloneUnder: 1,
      upTo: 9,
      perDay: 20,
      ask,
    },
    ...(scope.per === "workflow" ? {} : scope),
  },
]);
const written = (guardrail: Guardrail) => guardrailToCedar("w", guardrail).join("\n");
const windowIn = (text: string) => readWindow(/@window\("([^"]*)"\)/.exec(text)?.[1] ?? "");
const details = (guardrail: unknown, types?: { readonly [tool: string]: ArgumentTypes }) =>
  [...guardrailFaults(guardrail as Guardrail, tools, types)].map((fault) => fault.filter(Boolean).join("; "));

describe("over what a limit counts", () => {
  it.each(limits.map((guardrail) => [JSON.stringify(guardrail), guardrail] as const))(
    "%s is written as a window, and read back",
    (_, guardrail) => {
      const texts = guardrailToCedar("w", guardrail);
      const policies = texts.map((text) => ({ id: /@id\("([^"]*)"/.exec(text)?.[1] ?? "", text }));
      expect(guardrailsFromCedar(policies)).toEqual([{ workflow: "w", guardrail }]);
      const { per = "workflow", across } = guardrail as { per?: Scope; across?: true };
      const window = windowIn(texts.join("\n"));
      expect(window).toMatchObject({ per, tools });
      expect(window?.across).toBe(across);
      expect(details(guardrail)).toEqual([]);
    },
  );

  it("is said by its title where it is more than the workflow, and a call without the value is refused by its name", () => {
    const limit = (scope: object) =>
      written({ use: "call-limit", name: "calls", tools: ["a.b"], most: 3, per: "workflow", within: "1h", ...scope });
    const title = (scope: object) => /@title\("([^"]*)"/.exec(limit(scope))?.[1];
    expect([{}, { per: "run" }, { per: "workspace" }, { per: "person" }].map(title)).toEqual([
      "w limits a.b",
      "w limits a.b",
      "w limits a.b in all workflows together",
      "w limits a.b for each person",
    ]);
    expect([{ per: "args.to" }, { per: "args.to", across: true }, { per: "target", across: true }].map(title)).toEqual([
      "w limits a.b for each to",
      "w limits a.b for each to in all workflows together",
      "w limits a.b for each target in all workflows together",
    ]);
    expect(limit({ per: "args.to" })).toContain(
      'when { !(context.args has to) || context.facts.counts["w/guardrail/calls"] > 3 };',
    );
    expect(limit({})).toContain('when { context.facts.counts["w/guardrail/calls"] > 3 };');
  });

  it.each([
    ["a scope that there is not", { per: "team" }, "counts per `team`, which is no scope"],
    ["an argument that Cedar cannot name", { per: "args.like" }, "`like` is no argument that a guardrail can read"],
    ["a run in several workflows", { per: "run", across: true }, "counts per run, which is not in several workflows"],
    ["an agent in several workflows", { per: "agent", across: true }, "which is not in several workflows"],
    ["two things to count", { use: "object-limit", argument: "ids", counts: "rows" }, "takes one of"],
    ["nothing to count", { use: "object-limit" }, "takes one of `argument` and `counts`"],
    ["a unit that there is not", { use: "object-limit", counts: "row" }, "which is no unit; did you mean `rows`?"],
  ])("%s is a fault", (_, more, fault) => {
    const told = details({ use: "call-limit", name: "x", tools, most: 3, per: "workflow", within: "1h", ...more });
    expect(told.join("\n")).toContain(fault);
  });

  it("an argument has to be one text, integer, or yes or no of each tool", () => {
    const limit = { use: "call-limit", name: "x", tools: ["a.b"], most: 3, per: "args.customer", within: "1h" };
    const told = (types: ArgumentTypes) => details(limit, { "a.b": types });
    for (const kind of ["string", "long", "boolean"] as const) expect(told({ customer: { kind } })).toEqual([]);
    expect(told({ custmer: { kind: "string" } })).toEqual([
      "`a.b` has no argument `customer`; did you mean `custmer`?",
    ]);
    for (const type of [{ kind: "decimal" }, { kind: "set", of: { kind: "string" } }] as const)
      expect(told({ customer: type })).toEqual(["argument `customer` of `a.b` is not one text, integer, or yes or no"]);
  });

  it("an argument of several tools has to be read alike of each, so that one value has one count", () => {
    const limit = { use: "call-limit", name: "x", tools, most: 3, per: "args.customer", within: "1h" };
    const read = (name?: string): ArgumentTypes => ({
      customer: { kind: "string" },
      parsed: {
        kind: "parsed",
        of: name === undefined ? {} : { customer: { [name]: { kind: "set", of: { kind: "string" } } } },
      },
    });
    const told = (one: ArgumentTypes, other: ArgumentTypes, more: object = {}) =>
      details({ ...limit, ...more }, { "a.b": one, "c.d": other });
    const plain: ArgumentTypes = { customer: { kind: "string" } };
    expect([told(read("addresses"), read("addresses")), told(read(), plain), told(plain, plain)]).toEqual([[], [], []]);
    for (const [one, other] of [
      [read("addresses"), read("paths")],
      [read("addresses"), read()],
      [plain, read("paths")],
    ] as const)
      expect(told(one, other)).toEqual([
        "the catalog reads `customer` of `c.d` otherwise than of `a.b`, so one value has two counts; normalise the argument alike in the tools files, or write a limit for each tool",
      ]);
    expect(told(read("addresses"), read("paths"), { per: "target" })).toEqual([]);
  });
});
