import { describe, expect, it } from "vitest";
import type { ArgumentTypes } from "../argument-types.ts";
import type { WorkflowRules } from "../rules.ts";
import { destinationFaults, findDestinations } from "./destinations.ts";
import { guardrailFaults } from "./faults.ts";
import { fitGuardrails } from "./fit.ts";
import type { DataEgress, Guardrail } from "./guardrail.ts";

const text = { kind: "string" } as const;
const texts = { kind: "set", of: text } as const;
const mail = { within: texts, domains: texts, hosts: texts };
const web = { within: texts, hosts: texts };
const tools: { readonly [tool: string]: ArgumentTypes } = {
  "s.mail": {
    parsed: { kind: "parsed", of: { to: mail, link: web, path: { root: text }, odd: { within: texts }, "a-b": mail } },
  },
  "s.plain": { parsed: { kind: "parsed", of: { path: { root: text } } } },
  "s.bare": { body: text },
  "s.count": { amount: { kind: "long" } },
};
const egress = (on: readonly string[], more: Partial<DataEgress> = {}): DataEgress => ({
  use: "data-egress",
  name: "inside",
  tools: on,
  domains: ["acme.example"],
  labels: [],
  destinations: [],
  ...more,
});
const rules = (...guardrails: readonly Guardrail[]) => ({ workflow: "w", guardrails }) as unknown as WorkflowRules;

describe("where a tool sends something", () => {
  it("is each argument that is read as an address, of those that the guardrail names", () => {
    const found = (rule: DataEgress) => {
      const [first] = findDestinations(rules(rule), tools).guardrails ?? [];
      return first?.use === "data-egress" ? first.destinations : undefined;
    };
    const [to, link, odd] = [
      { tool: "s.mail", argument: "to", by: "domains" },
      { tool: "s.mail", argument: "link", by: "hosts" },
      { tool: "s.mail", argument: "a-b", by: "domains" },
    ];
    expect(found(egress(["s.mail"]))).toEqual([to, link, odd]);
    expect(found(egress(["s.mail"], { arguments: ["link", "path", "toString", "gone"] }))).toEqual([link]);
    expect(found(egress(["s.bare", "s.none", "s.plain", "toString"]))).toEqual([]);
    expect(
      findDestinations(rules(egress(["s.mail"], { arguments: ["to"] })), tools).guardrails?.[0],
    ).not.toHaveProperty("arguments");
    const other: Guardrail = { use: "call-limit", name: "rate", tools: ["s.mail"], most: 3, per: "run", within: "1h" };
    expect(findDestinations(rules(other), tools).guardrails).toEqual([other]);
    const none = { workflow: "w" } as unknown as WorkflowRules;
    expect(findDestinations(none, tools)).toBe(none);
  });

  it("cannot be told of arguments that are not there, are no addresses or have no name to read", () => {
    const faults = (tool: string, more: Partial<DataEgress> = {}) => [
      ...destinationFaults(egress([tool], more), tool, tools),
    ];
    const nothing = (tool: string) => [
      `nothing of \`${tool}\` is read as an address, so nothing tells where it sends what it is given`,
      "say `normalise: { …: email }` or `url` in its tools file",
    ];
    expect(faults("s.none")).toEqual([]);
    expect(faults("s.bare")).toEqual([nothing("s.bare")]);
    expect(faults("s.plain")).toEqual([nothing("s.plain")]);
    expect(faults("s.mail", { arguments: ["to", "link"] })).toEqual([]);
    expect(faults("s.mail", { arguments: ["links"] })).toEqual([
      ["`s.mail` has no normalised argument `links`", "did you mean `link`?"],
      nothing("s.mail"),
    ]);
    expect(faults("s.mail", { arguments: ["to", "toString"] })[0]?.[0]).toBe(
      "`s.mail` has no normalised argument `toString`",
    );
    for (const name of ["path", "odd"])
      expect(faults("s.mail", { arguments: ["to", name] })).toEqual([
        [`\`${name}\` of \`s.mail\` is normalised as neither \`email\` nor \`url\``],
      ]);
    expect(faults("s.mail")).toEqual([
      ["`a-b` of `s.mail` is no name that a guardrail can read", "letters, digits and `_`"],
    ]);
  });
});

it("a guardrail on where data goes names a domain at least, in plain words", () => {
  const faults = (more: Partial<DataEgress>) => [...guardrailFaults(egress(["s.mail"], more), ["s.mail"])];
  expect(faults({})).toEqual([]);
  expect(faults({ domains: [] })).toEqual([["guardrail `inside` names no domain"]]);
  expect(faults({ domains: ['a"b'] })).toEqual([['`a"b` is no domain or label']]);
  expect(faults({ labels: ['a"b'] })).toEqual([['`a"b` is no domain or label']]);
});

describe("guardrails beside the tools as they are reviewed now", () => {
  const limit = (on: readonly string[]): Guardrail => ({
    use: "object-limit",
    name: "few",
    tools: on,
    argument: "ids",
    most: 3,
    per: "run",
    within: "1h",
  });

  it("stand as they are where they fit", () => {
    const fits = rules(egress(["s.mail"], { arguments: ["to"] }));
    expect(fitGuardrails(fits, tools)).toBe(fits);
    const none = { workflow: "w" } as unknown as WorkflowRules;
    expect(fitGuardrails(none, tools)).toBe(none);
  });

  it("keep the tools that fit, and have the others wait", () => {
    const sets = { ...tools, "s.purge": { ids: texts } };
    const call: Guardrail = { use: "call-limit", name: "rate", tools: ["s.count"], most: 3, per: "run", within: "1h" };
    // It holds for every tool, and names none.
    const freeze: Guardrail = {
      use: "freeze",
      name: "freeze",
      tools: [],
      zone: "UTC",
      from: 20261220,
      to: 20261231,
      production: false,
    };
    const all = rules(limit(["s.purge", "s.count", "s.bare"]), limit(["s.count"]), call, freeze);
    expect(fitGuardrails(all, sets)).toEqual({
      workflow: "w",
      guardrails: [limit(["s.purge"]), call, freeze],
      waiting: [
        { name: "few", tool: "s.count" },
        { name: "few", tool: "s.bare" },
        { name: "few", tool: "s.count" },
      ],
    });
  });
});
