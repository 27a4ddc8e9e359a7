import type { DecisionInput } from "@countersign/contract";
import { beforeEach, describe, expect, it } from "vitest";
import type { ArgumentTypes } from "../argument-types.ts";
import type { CompiledPolicies } from "../policy.ts";
import { questions } from "./chosen.ts";
import type { CuredSource } from "./cured-source.ts";
import { Requests } from "./environment.ts";
import type { Environment } from "./request-shape.ts";
import { Sets } from "./sets.ts";
import type { Plain, RecordSymbol } from "./symbol.ts";
import { int, str, Terms } from "./term.ts";
import { inputsFrom, otherThan, termsOf } from "./witness.ts";

const types: ArgumentTypes = {
  s: { kind: "string" },
  n: { kind: "long" },
  rate: { kind: "decimal" },
  b: { kind: "boolean" },
  texts: { kind: "set", of: { kind: "string" } },
  longs: { kind: "set", of: { kind: "long" } },
  rates: { kind: "set", of: { kind: "decimal" } },
  flags: { kind: "set", of: { kind: "boolean" } },
  rows: { kind: "set", of: { kind: "record", attributes: {} } },
  who: { kind: "record", attributes: { vip: { kind: "boolean" }, name: { kind: "string" } } },
  parsed: {
    kind: "parsed",
    of: { to: { host: { kind: "string" }, port: { kind: "long" } }, cc: { host: { kind: "string" } } },
  },
};
const names = { windows: ["calls"], steps: [], zones: ["UTC"] };
const policies = {
  workflows: { w: { agents: ["a", "b"], mode: "enforce", irreversible: [] } },
} as unknown as CompiledPolicies;
const noDigest = `sha256:${"0".repeat(64)}`;

let terms: Terms;
let sets: Sets;
beforeEach(() => {
  terms = new Terms();
  sets = new Sets(terms, () => terms.no);
});

function requestsOf(sources: readonly CuredSource[] = [], more: Partial<Environment> = {}): Requests {
  const side = { name: "0", policies, sources };
  return new Requests(terms, sets, { tool: "s.t", verb: "propose", types, names, ...more }, [side]);
}

function read(requests: Requests, way: string): Plain | undefined {
  const [root = "", ...path] = way.split(".");
  const roots: { readonly [name: string]: RecordSymbol | undefined } = {
    principal: requests.agent,
    resource: requests.entities[2]?.attributes,
    context: requests.context,
  };
  let what: Plain | undefined = roots[root];
  for (const name of path) what = what?.kind === "record" ? what.get(name)?.value.choices[0]?.what : undefined;
  return what;
}

function inputFrom(...given: Parameters<typeof inputsFrom>): DecisionInput {
  const [input] = inputsFrom(...given);
  if (input === undefined) throw new Error("there is none");
  return input;
}

/** The input for an answer that names these values, by `way kind` or, of sets, by `way element`; all else is false, 0 or "". */
function witness(
  requests: Requests,
  given: { readonly [place: string]: string },
  sources: readonly CuredSource[] = [],
  of = policies,
) {
  const nothing = { present: "false", bool: "false", string: '""', set: "false" } as const;
  const values = questions(requests, sets).map(({ variable, text, element }) => {
    const way = variable.path.join(".");
    if (variable.of === "set") return text === element ? element : (given[`${way} ${element}`] ?? "false");
    return given[`${way} ${variable.of}`] ?? nothing[variable.of as keyof typeof nothing] ?? "0";
  });
  return inputFrom(requests, sets, values, of, sources);
}

describe("the request of a solver's answer", () => {
  it("is harmless wherever the solver was not asked", () => {
    const requests = requestsOf();
    expect(inputFrom(requests, sets, [], { ...policies, workflows: {} }, [])).toEqual({
      v: 1,
      decisionId: `dec_${"0".repeat(26)}`,
      at: "2026-01-01T12:00:00.000Z",
      stage: "call",
      principal: { agent: "", tier: 0, workflow: "workflow", dri: "dri", owner: "owner", groups: [] },
      action: { tool: "s.t", verb: "propose", definitionDigest: noDigest, reviewed: true },
      resource: {
        system: "s",
        environment: { name: "staging", production: false },
        target: "",
        labels: [],
      },
      args: { parsed: {} },
      argsDigest: noDigest,
      callDigest: noDigest,
      facts: {
        cured: [],
        approvals: [],
        checks: [],
        signals: [],
        stopped: false,
        reversal: "none",
        counts: {},
        flow: { effect: "read", brings: "internal" },
      },
      run: { id: `run_${"0".repeat(26)}`, step: 1, tainted: false },
    });
    const bare = { environment: requests.environment, variables: [], setKinds: new Map() } as unknown as Requests;
    const { principal, resource } = inputFrom(bare, sets, [], policies, []);
    expect([principal.agent, principal.workflow, resource.target]).toEqual(["a", "w", "target"]);
    expect(inputFrom(bare, sets, [], { ...policies, workflows: {} }, []).principal.agent).toBe("agent");
    const untooled = { ...bare, environment: { verb: "read", types: {} } } as unknown as Requests;
    expect(inputFrom(untooled, sets, [], policies, [])).toMatchObject({
      action: { tool: "" },
      resource: { system: "" },
    });
  });

  it("says who asks, where and when, as the solver chose it", () => {
    const requests = requestsOf();
    for (const way of [
      ...["principal.tier", "principal.dri", "principal.owner", "principal.groups", "principal.onBehalfOf"],
      ...["resource.environment.name", "resource.environment.production", "resource.labels", "resource.owner"],
      ...["context.stage", "context.at", "context.tool.definition", "context.tool.reviewed"],
      ...["context.run.id", "context.run.step", "context.run.tainted", "context.run.task", "context.run.parent"],
      "context.run.planned",
    ])
      expect(read(requests, way), way).toBeDefined();
    requests.text(["principal", "workflow"]);
    requests.text(["resource", "system"]);
    for (const way of ["principal.groups", "resource.labels"])
      sets.has(read(requests, way) as never, { kind: "string", is: str(way) });
    const given = {
      "principal.agent string": '"b"',
      "principal.workflow string": '"v"',
      "principal.tier long": "3",
      "principal.dri string": '"d"',
      "principal.owner string": '"o"',
      'principal.groups "principal.groups"': "true",
      'principal.groups "resource.labels"': "false",
      'resource.labels "resource.labels"': "true",
      "principal.onBehalfOf present": "true",
      "principal.onBehalfOf string": '"lea"',
      "resource.target string": '"x"',
      "resource.system string": '"sys"',
      "resource.environment.name string": '"live"',
      "resource.environment.production bool": "true",
      "resource.owner present": "true",
      "resource.owner string": '"olu"',
      "context.stage string": '"resume"',
      "context.at datetime": "86400000",
      "context.tool.definition string": '"sha256:d"',
      "context.tool.reviewed bool": "false",
      "context.run.id string": '"run_1"',
      "context.run.step long": "4",
      "context.run.tainted bool": "true",
      "context.run.task present": "true",
      "context.run.task string": '"task"',
      "context.run.parent present": "true",
      "context.run.parent string": '"run_0"',
      "context.run.planned present": "true",
      "context.run.planned bool": "true",
    };
    expect(witness(requests, given)).toMatchObject({
      at: "1970-01-02T00:00:00.000Z",
      stage: "resume",
      principal: {
        agent: "b",
        tier: 3,
        workflow: "v",
        dri: "d",
        owner: "o",
        groups: ["principal.groups"],
        onBehalfOf: "lea",
      },
      action: { tool: "s.t", verb: "propose", definitionDigest: "sha256:d", reviewed: false },
      resource: {
        system: "sys",
        environment: { name: "live", production: true },
        target: "x",
        labels: ["resource.labels"],
        owner: "olu",
      },
      run: { id: "run_1", step: 4, tainted: true, task: "task", parent: "run_0", planned: true },
    });
    const absent = witness(requests, {});
    for (const name of ["task", "parent", "planned"]) expect(absent.run).not.toHaveProperty(name);
    expect(absent.resource).not.toHaveProperty("owner");
    expect(absent.principal).not.toHaveProperty("onBehalfOf");
    expect(witness(requests, { "context.run.planned present": "true" }).run.planned).toBe(false);
  });

  it("is in production or not as it says, by a name that fits where none was chosen", () => {
    const requests = requestsOf();
    read(requests, "resource.environment.production");
    const environment = (production: string) =>
      witness(requests, { "resource.environment.production bool": production }).resource.environment;
    expect([environment("true"), environment("false")]).toEqual([
      { name: "production", production: true },
      { name: "staging", production: false },
    ]);
  });

  it("has arguments of every type, where they are there", () => {
    const requests = requestsOf();
    const all = ["s", "n", "rate", "b", "texts", "longs", "rates", "flags", "rows", "who.vip", "who.name"];
    for (const name of [...all, "parsed.to.host", "parsed.to.port", "parsed.cc.host"])
      expect(read(requests, `context.args.${name}`), name).toBeDefined();
    sets.has(read(requests, "context.args.texts") as never, { kind: "string", is: str("x") });
    sets.has(read(requests, "context.args.longs") as never, { kind: "long", is: int(-7) });
    sets.has(read(requests, "context.args.rates") as never, { kind: "decimal", is: int(15_000) });
    const present = Object.fromEntries(
      [...all.filter((name) => !name.includes(".")), "who", "who.vip", "parsed.to"].map((name) => [
        `context.args.${name} present`,
        "true",
      ]),
    );
    const given = {
      ...present,
      "context.args.s string": '"text"',
      "context.args.n long": "(- 3)",
      "context.args.rate decimal": "12500",
      "context.args.b bool": "true",
      'context.args.texts "x"': "true",
      "context.args.longs (- 7)": "true",
      "context.args.rates 15000": "true",
      "context.args.flags.false present": "true",
      "context.args.who.vip bool": "true",
      "context.args.parsed.to.host string": '"h"',
      "context.args.parsed.to.port long": "80",
    };
    expect(witness(requests, given).args).toEqual({
      s: "text",
      n: -3,
      rate: 1.25,
      b: true,
      texts: ["x"],
      longs: [-7],
      rates: [1.5],
      flags: [false],
      rows: [],
      who: { vip: true },
      parsed: { to: { host: "h", port: 80 } },
    });
    expect(witness(requests, { ...given, "context.args.flags.true present": "true" }).args.flags).toEqual([
      true,
      false,
    ]);
    expect(witness(requests, {}).args).toEqual({ parsed: {} });
  });

  it("has arguments that were asked for by their being there alone", () => {
    const requests = requestsOf();
    const only = (name: string) => {
      const variable = { path: ["context", "args", name], of: "present", text: `p${name}` } as const;
      const bare = { ...requests, environment: requests.environment, variables: [variable], setKinds: new Map() };
      return inputFrom(bare as unknown as Requests, sets, ["true"], policies, []).args[name];
    };
    expect(["s", "n", "rate", "b", "texts", "who"].map(only)).toEqual(["", 0, 0, false, [], {}]);
  });

  it("has the facts that are there, but for those that the engine computes", () => {
    const requests = requestsOf();
    for (const way of [
      "formerly",
      "previous",
      "signals",
      "stopped",
      "reversal",
      "cured",
      "reach.objects",
      "counts.calls",
    ])
      expect(read(requests, `context.facts.${way}`), way).toBeDefined();
    for (const way of ["formerly", "previous", "signals"])
      sets.has(read(requests, `context.facts.${way}`) as never, { kind: "string", is: str(way) });
    const given = {
      "context.facts.formerly present": "true",
      'context.facts.formerly "formerly"': "true",
      "context.facts.previous present": "true",
      'context.facts.previous "previous"': "true",
      'context.facts.signals "signals"': "true",
      "context.facts.stopped bool": "true",
      "context.facts.reversal string": '"plan"',
    };
    expect(witness(requests, given).facts).toMatchObject({
      formerly: ["formerly"],
      previous: ["previous"],
      signals: ["signals"],
      stopped: true,
      reversal: "plan",
      counts: {},
      cured: [],
    });
    const absent = witness(requests, {}).facts;
    expect(Object.keys(absent).filter((name) => /calls|objects/.test(name))).toEqual([]);
  });

  it("has of the flow of data what is there", () => {
    const requests = requestsOf();
    for (const name of ["effect", "brings", "tainted", "sources", "read", "beyond", "origins"])
      expect(read(requests, `context.facts.flow.${name}`), name).toBeDefined();
    for (const name of ["sources", "read", "beyond", "origins"])
      sets.has(read(requests, `context.facts.flow.${name}`) as never, { kind: "string", is: str(name) });
    const path = "context.facts.flow";
    const given = {
      [`${path}.effect string`]: '"egress"',
      [`${path}.brings string`]: '"secret"',
      ...Object.fromEntries(
        ["tainted", "sources", "read", "beyond", "origins"].map((name) => [`${path}.${name} present`, "true"]),
      ),
      [`${path}.tainted bool`]: "true",
      ...Object.fromEntries(
        ["sources", "read", "beyond", "origins"].map((name) => [`${path}.${name} "${name}"`, "true"]),
      ),
    };
    expect(witness(requests, given).facts.flow).toEqual({
      effect: "egress",
      brings: "secret",
      tainted: true,
      sources: [{ tool: "sources" }],
      read: ["read"],
      beyond: ["beyond"],
      origins: ["origins"],
    });
    expect(witness(requests, {}).facts.flow).toEqual({ effect: "", brings: "" });
  });
});

describe("what cures policies in that request", () => {
  const approval = (id: string, count: number): CuredSource => ({
    key: `${id} sha256:${id}`,
    id,
    digest: `sha256:${id}`,
    cure: { kind: "approval", from: `${id}-people`, count, exclude: [], openMs: 1, validMs: 1 },
  });
  const check = (id: string, checks: readonly string[], maxAgeMs: number): CuredSource => ({
    key: `${id} sha256:${id}`,
    id,
    digest: `sha256:${id}`,
    cure: { kind: "check", names: checks, maxAgeMs },
  });
  const met = (...ids: readonly string[]) =>
    Object.fromEntries(ids.map((id) => [`cured.${id} sha256:${id} bool`, "true"]));
  const factsOf = (sources: readonly CuredSource[], given: { readonly [place: string]: string }) => {
    terms = new Terms();
    sets = new Sets(terms, () => terms.no);
    const requests = requestsOf(sources);
    for (const source of sources) requests.cured(source);
    return witness(requests, given, sources).facts;
  };

  it("is as many approvals as each asks for, of people who are nobody", () => {
    const sources = [approval("p", 2), approval("q", 1)];
    expect(factsOf(sources, met("p")).approvals).toEqual(
      [1, 2].map((number) => ({
        policy: "p",
        policyDigest: "sha256:p",
        person: `approver-${number}@replay.invalid`,
        groups: ["p-people"],
        at: "2026-01-01T12:00:00.000Z",
        callDigest: noDigest,
        passkey: true,
      })),
    );
    expect(factsOf(sources, {}).approvals).toEqual([]);
    expect(factsOf(sources, met("p", "q")).approvals).toHaveLength(3);
    expect(factsOf(sources, met("p")).checks).toEqual([]);
  });

  it("is checks that passed just now, or so long ago that no other policy takes them", () => {
    const agesOf = (sources: readonly CuredSource[], given: { readonly [place: string]: string }) =>
      factsOf(sources, given).checks.map(({ name, at, ...rest }) => {
        expect(rest).toEqual({ version: "v1", verdict: "pass", evidence: [], microseconds: 0, argsDigest: noDigest });
        return [name, Date.parse("2026-01-01T12:00:00.000Z") - Date.parse(at)];
      });
    const [short, long] = [check("short", ["plan"], 1_000), check("long", ["plan"], 5_000)];
    expect(agesOf([short, long], {})).toEqual([]);
    expect(agesOf([short, long], met("short", "long"))).toEqual([["plan", 0]]);
    expect(agesOf([short, long], met("long"))).toEqual([["plan", 1_000]]);
    const shorter = check("shorter", ["plan"], 500);
    expect(agesOf([short, shorter, long], met("long"))).toEqual([["plan", 1_000]]);
    expect(agesOf([shorter, short, long], met("long"))).toEqual([["plan", 1_000]]);
    // No age counts for the longer one and not for the same.
    expect(agesOf([check("same", ["plan"], 5_000), long], met("long"))).toEqual([["plan", 0]]);
    const both = check("both", ["plan", "secrets"], 1_000);
    expect(agesOf([both, long], met("long"))).toEqual([["plan", 0]]);
    expect(agesOf([both, long, check("other", ["secrets"], 700)], met("long", "other"))).toEqual([
      ["plan", 1_000],
      ["secrets", 0],
    ]);
    expect(agesOf([both], met("both"))).toEqual([
      ["plan", 0],
      ["secrets", 0],
    ]);
    // Of two that take it, the one with the least patience sets the bound.
    expect(
      agesOf([check("strict", ["plan"], 1_000), check("bound", ["plan"], 900), long], met("bound", "long")),
    ).toEqual([["plan", 0]]);
  });
});

describe("another request than the one that was told", () => {
  it("differs in one of the values at least", () => {
    const requests = requestsOf();
    const texts = termsOf(requests, sets);
    expect(texts).toEqual([requests.principal.id.text, requests.resource.id.text]);
    expect(otherThan(requests, sets, ['"a"', '"t"'])).toBe(
      `(assert (not (and true (= ${texts[0]} "a") (= ${texts[1]} "t"))))`,
    );
    const bare = { ...requests, variables: [] } as unknown as Requests;
    expect(otherThan(bare, sets, [])).toBe("(assert false)");
  });
});
