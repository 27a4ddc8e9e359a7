import { beforeEach, describe, expect, it } from "vitest";
import type { ArgumentTypes } from "../argument-types.ts";
import type { CompiledPolicies } from "../policy.ts";
import type { CuredSource, Side } from "./cured-source.ts";
import { Requests } from "./environment.ts";
import type { Environment } from "./request-shape.ts";
import { Sets } from "./sets.ts";
import type { Member, Plain, RecordSymbol } from "./symbol.ts";
import { type Formula, int, str, Terms } from "./term.ts";

const types: ArgumentTypes = {
  n: { kind: "long" },
  rate: { kind: "decimal" },
  to: { kind: "set", of: { kind: "string" } },
  sizes: { kind: "set", of: { kind: "long" } },
  rates: { kind: "set", of: { kind: "decimal" } },
  flags: { kind: "set", of: { kind: "boolean" } },
  rows: { kind: "set", of: { kind: "record", attributes: {} } },
  who: { kind: "record", attributes: { vip: { kind: "boolean" } } },
  parsed: { kind: "parsed", of: { to: { host: { kind: "string" } } } },
};
const names = { windows: ["calls"], steps: ["flags"], zones: ["UTC"] };

let terms: Terms;
let sets: Sets;
beforeEach(() => {
  terms = new Terms();
  sets = new Sets(terms, (why) => terms.atom(`unknown ${why}`));
});

const workflow = { agents: ["a", "b"], mode: "enforce", irreversible: [] } as const;
function side(more: Partial<CompiledPolicies> = {}, sources: readonly CuredSource[] = [], name = "0"): Side {
  return { name, policies: { workflows: { w: workflow }, ...more } as unknown as CompiledPolicies, sources };
}

function requestsOf(more: Partial<Environment> = {}, sides: readonly [Side, ...Side[]] = [side()]): Requests {
  return new Requests(terms, sets, { tool: "s.t", verb: "execute", types, names, ...more }, sides);
}

function memberAt(root: RecordSymbol, way: string): Member | undefined {
  const [first = "", ...rest] = way.split(".");
  return rest.reduce<Member | undefined>((member, name) => {
    const what = member?.value.choices[0]?.what;
    return what?.kind === "record" ? what.get(name) : undefined;
  }, root.get(first));
}

function valueAt(root: RecordSymbol, way: string): Plain | undefined {
  return memberAt(root, way)?.value.choices[0]?.what;
}

function pathsOf(requests: Requests): readonly string[] {
  return requests.variables.map(({ path, of }) => `${path.join(".")} ${of}`);
}

describe("every request of one tool under one verb", () => {
  it("is asked by some agent, of that tool, at some target", () => {
    const { principal, action, resource, variables, facts } = requestsOf();
    expect(action).toEqual({ kind: "entity", type: "Action", id: str("s.t") });
    expect([principal, resource]).toMatchObject([
      { kind: "entity", type: "Agent", id: { sort: "String" } },
      { kind: "entity", type: "Target", id: { sort: "String" } },
    ]);
    expect(variables).toEqual([
      { path: ["principal", "agent"], of: "string", text: principal.id.text },
      { path: ["resource", "target"], of: "string", text: resource.id.text },
    ]);
    expect(facts).toEqual([]);
  });

  it("or of whatever tool, which is no verb", () => {
    const { action, variables, facts } = requestsOf({ tool: undefined, types: {} });
    expect(variables.some(({ path, text }) => path.join(".") === "action.tool" && text === action.id.text)).toBe(true);
    expect(facts).toEqual(["read", "propose", "execute"].map((verb) => terms.not(terms.equal(action.id, str(verb)))));
  });

  it("reads one text once, wherever it stands", () => {
    const requests = requestsOf();
    const text = requests.text(["a", "b"]);
    expect(requests.text(["a", "b"])).toBe(text);
    expect(requests.text(["a b"])).not.toBe(text);
    expect(pathsOf(requests).filter((path) => path.startsWith("a.b"))).toEqual(["a.b string"]);
  });

  it("knows who belongs to what", () => {
    const requests = requestsOf();
    const [agent, action, target] = requests.entities;
    const other = (type: string) => ({ kind: "entity", type, id: str("x") }) as const;
    expect(agent?.within(other("Workflow"))).toBe(terms.equal(str("x"), requests.text(["principal", "workflow"])));
    const groups = valueAt(requests.agent, "groups") as { readonly name: string };
    expect(agent?.within(other("Group"))).toBe(terms.atom(`(${groups.name} "x")`));
    expect(action?.within({ kind: "entity", type: "Action", id: str("execute") })).toBe(terms.yes);
    expect(action?.within({ kind: "entity", type: "Action", id: str("read") })).toBe(terms.no);
    expect(target?.within(other("System"))).toBe(terms.equal(str("x"), requests.text(["resource", "system"])));
    for (const type of ["Agent", "Target", "Workflow", "Action"]) expect(target?.within(other(type))).toBe(terms.no);
    for (const type of ["Agent", "System", "Action"]) expect(agent?.within(other(type))).toBe(terms.no);
    for (const type of ["Agent", "System", "Workflow"])
      expect(action?.within({ kind: "entity", type, id: str("execute") })).toBe(terms.no);
    expect([agent, action, target].map((one) => [one?.is, one?.tags.names])).toEqual([
      [requests.principal, []],
      [requests.action, []],
      [requests.resource, []],
    ]);
    expect(agent?.attributes.names).toContain("tier");
    expect(action?.attributes.names).toEqual([]);
    expect(action?.attributes.get("x")).toBeUndefined();
    expect(target?.attributes.names).toContain("environment");
  });

  it("names the tool, the verb and the target as they are, wherever they are read", () => {
    const requests = requestsOf();
    expect(valueAt(requests.context, "tool.id")).toEqual({ kind: "string", is: str("s.t") });
    expect(valueAt(requests.context, "tool.verb")).toEqual({ kind: "string", is: str("execute") });
    const target = requests.entities[2]?.attributes;
    expect(target && valueAt(target, "target")).toEqual({ kind: "string", is: requests.resource.id });
    expect(requests.context.get("toString")).toBeUndefined();
    expect(requests.context.get("stage")).toBe(requests.context.get("stage"));
  });

  it("has texts of closed lists, and numbers that a request can hold", () => {
    const requests = requestsOf();
    const bounded = (term: { readonly text: string }, low: bigint, high: bigint): readonly Formula[] => {
      const of = { sort: "Int", text: term.text } as const;
      return [terms.lessEqual(int(low), of), terms.lessEqual(of, int(high))];
    };
    const stage = valueAt(requests.context, "stage") as {
      readonly is: { readonly sort: "String"; readonly text: string };
    };
    expect(requests.facts).toEqual([
      terms.or(...["list", "call", "resume", "release"].map((one) => terms.equal(stage.is, str(one)))),
    ]);
    const since = (read: () => unknown) => {
      const before = requests.facts.length;
      return {
        of: read() as { readonly kind: string; readonly is: { readonly text: string } },
        facts: () => requests.facts.slice(before),
      };
    };
    const long = since(() => valueAt(requests.context, "args.n"));
    expect(long.of).toMatchObject({ kind: "long", is: { sort: "Int" } });
    expect(long.facts()).toEqual(bounded(long.of.is, -(2n ** 53n - 1n), 2n ** 53n - 1n));
    const decimal = since(() => valueAt(requests.context, "args.rate"));
    expect(decimal.of.kind).toBe("decimal");
    expect(decimal.facts()).toEqual(bounded(decimal.of.is, -9_000_000_000_000_000n, 9_000_000_000_000_000n));
    const at = since(() => valueAt(requests.context, "at"));
    expect(at.of.kind).toBe("datetime");
    expect(at.facts()).toEqual(
      bounded(at.of.is, BigInt(Date.parse("0000-01-01T00:00:00Z")), BigInt(Date.parse("9999-12-31T23:59:59.999Z"))),
    );
    expect(valueAt(requests.context, "tool.reviewed")?.kind).toBe("bool");
    expect(pathsOf(requests).slice(2)).toEqual([
      "context.stage string",
      "context.args.n present",
      "context.args.n long",
      "context.args.rate present",
      "context.args.rate decimal",
      "context.at datetime",
      "context.tool.reviewed bool",
    ]);
  });

  it("has what may be absent and what may not", () => {
    const requests = requestsOf();
    for (const way of ["stage", "args", "args.parsed", "facts", "facts.stopped", "facts.signals", "run.step", "run.id"])
      expect(memberAt(requests.context, way)?.present, way).toBe(terms.yes);
    for (const way of ["args.n", "args.parsed.to", "facts.reach.objects", "facts.counts.calls", "run.task"])
      expect(memberAt(requests.context, way)?.present.op, way).toBe("atom");
    expect(memberAt(requests.entities[2]!.attributes, "owner")?.present.op).toBe("atom");
    expect(memberAt(requests.agent, "owner")?.present).toBe(terms.yes);
    // A host is there where the address is.
    expect(memberAt(requests.context, "args.parsed.to.host")?.present).toBe(terms.yes);
  });

  it("has sets of texts, whole numbers, decimals and truth, and nothing is known of others", () => {
    const requests = requestsOf();
    for (const [name, of, sort] of [
      ["to", "string", "String"],
      ["sizes", "long", "Int"],
      ["rates", "decimal", "Int"],
    ] as const) {
      const set = valueAt(requests.context, `args.${name}`) as { readonly name: string };
      expect(set).toEqual({ kind: "set", name: expect.any(String), of });
      expect(requests.setKinds.get(set.name)).toBe(of);
      expect(terms.lines).toContain(`(declare-fun ${set.name} (${sort}) Bool)`);
      expect(requests.variables).toContainEqual({ path: ["context", "args", name], of: "set", text: set.name });
    }
    const flags = valueAt(requests.context, "args.flags");
    expect(flags).toEqual({
      kind: "set",
      items: [
        { when: expect.objectContaining({ op: "atom" }), what: { kind: "bool", is: terms.yes } },
        { when: expect.objectContaining({ op: "atom" }), what: { kind: "bool", is: terms.no } },
      ],
    });
    expect(pathsOf(requests)).toEqual(
      expect.arrayContaining(["context.args.flags.true present", "context.args.flags.false present"]),
    );
    expect(valueAt(requests.context, "args.rows")).toEqual({
      kind: "unknown",
      why: "`context.args.rows`, a list of lists or records",
    });
    expect(valueAt(requests.context, "args.who.vip")?.kind).toBe("bool");
  });

  it("says of what nothing is known, and why", () => {
    const unlike = requestsOf({ unlike: ["n"] });
    expect(valueAt(unlike.context, "args.n")).toEqual({
      kind: "unknown",
      why: "`context.args.n`, which has another type in the other set",
    });
    expect(valueAt(unlike.context, "args.rate")?.kind).toBe("decimal");
    expect(valueAt(unlike.context, "run.id")?.kind).toBe("string");
    expect(valueAt(requestsOf({ unlike: ["step"] }).context, "run.step")?.kind).toBe("long");
    const any = requestsOf({ tool: undefined, types: {} });
    expect(valueAt(any.context, "args")).toEqual({ kind: "unknown", why: "the arguments of whatever tool" });
    const uncounted = new Requests(terms, sets, { tool: "s.t", verb: "read", types }, [side()]);
    for (const way of ["facts.counts", "facts.sums", "facts.steps", "local"])
      expect(valueAt(uncounted.context, way)).toEqual({
        kind: "unknown",
        why: `\`context.${way}\`, whose members are not known`,
      });
    const whole = requestsOf({ whole: new Set(["context.local"]) });
    expect(valueAt(whole.context, "local")).toEqual({
      kind: "unknown",
      why: "`context.local`, whose members are not known",
    });
    expect(valueAt(whole.context, "facts.counts.calls")?.kind).toBe("long");
    for (const way of ["facts.counts.calls", "facts.sums.calls", "facts.steps.flags", "local.UTC.minute"])
      expect(valueAt(requestsOf().context, way)?.kind, way).toBe("long");
  });
});

describe("what is cured", () => {
  const check = (key: string, checks: readonly string[], maxAgeMs = 5): CuredSource => ({
    key,
    id: key.split(" ")[0] ?? "",
    digest: "sha256:text",
    cure: { kind: "check", names: checks, maxAgeMs },
  });

  it("is each policy of the slice that can be cured, met or not", () => {
    const sources = [check("a 1", ["plan"]), check("b 2", ["secrets"])];
    const requests = requestsOf({}, [side({}, sources)]);
    const [one, other] = sources.map((source) => requests.cured(source));
    expect(valueAt(requests.context, "facts.cured")).toEqual({
      kind: "set",
      items: [
        { when: one, what: { kind: "string", is: str("a") } },
        { when: other, what: { kind: "string", is: str("b") } },
      ],
    });
    expect([one?.op, other?.op]).toEqual(["atom", "atom"]);
    expect(one).not.toBe(other);
    expect(pathsOf(requests)).toEqual(expect.arrayContaining(["cured.a 1 bool", "cured.b 2 bool"]));
    expect(requests.cured(sources[0]!)).toBe(one);
    expect(requests.facts).toEqual([]);
  });

  it("of what nothing can meet never is, and what waits is from its instant on", () => {
    const requests = requestsOf();
    expect(requests.cured(check("a 1", []))).toBe(terms.no);
    const until = "2026-01-01T00:00:00.000Z";
    const waits = requests.cured({ key: "w 1", id: "w", digest: "", cure: { kind: "wait", until } });
    const at = valueAt(requests.context, "at") as { readonly is: { readonly sort: "Int"; readonly text: string } };
    expect(waits).toBe(terms.lessEqual(int(Date.parse(until)), at.is));
  });

  it("by the stricter of two checks is by the other too, in this set and in another", () => {
    const [both, one, else_] = [
      check("both 1", ["plan", "secrets"], 3),
      check("one 1", ["plan"]),
      check("else 1", ["x"]),
    ];
    for (const first of [both, one]) {
      const terms_ = new Terms();
      const own = new Sets(terms_, () => terms_.no);
      const requests = new Requests(terms_, own, { tool: "s.t", verb: "execute", types, names }, [
        side({}, [both, else_]),
        side({}, [one, else_], "1"),
      ]);
      requests.cured(first);
      const implied = terms_.implies(requests.cured(both), requests.cured(one));
      expect(requests.facts).toContain(implied);
      expect(new Set(requests.facts)).toEqual(new Set([implied]));
      requests.cured(else_);
      expect(new Set(requests.facts)).toEqual(new Set([implied]));
    }
  });

  it("is not known where the slice is not", () => {
    const requests = requestsOf({ tool: undefined, types: {} }, [side({}, [])]);
    expect(valueAt(requests.context, "facts.cured")).toEqual({ kind: "set", name: expect.any(String), of: "string" });
  });

  it("is another for each set that is looked at", () => {
    const [first, second] = [side({}, [check("a 1", ["plan"])]), side({}, [check("b 2", ["plan"])], "1")];
    const requests = requestsOf({}, [first, second]);
    const idOf = () =>
      (valueAt(requests.context, "facts.cured") as unknown as { items: { what: { is: unknown } }[] }).items[0]?.what.is;
    expect(idOf()).toEqual(str("a"));
    requests.lookAs(second);
    expect(idOf()).toEqual(str("b"));
    requests.lookAs(first);
    expect(idOf()).toEqual(str("a"));
    expect(valueAt(requests.context, "facts.signals")).toBe(valueAt(requests.context, "facts.signals"));
  });
});

describe("a workflow that is only observed", () => {
  const isOf = (requests: Requests, name: string, agents: readonly string[]) =>
    terms.and(
      terms.equal(requests.text(["principal", "workflow"]), str(name)),
      terms.or(...agents.map((agent) => terms.equal(requests.principal.id, str(agent)))),
    );

  it("is observed for its own agents, until it ends", () => {
    const until = "2026-01-01T00:00:00.000Z";
    const workflows = {
      enforced: workflow,
      open: { ...workflow, mode: "observe" },
      ends: { ...workflow, agents: ["c"], mode: "observe", observeUntil: until },
      silent: { ...workflow, agents: ["d"], mode: "observe", observeUntil: until, writesNothing: true },
    } as const;
    const requests = requestsOf({}, [side({ workflows })]);
    const observed = requests.observed();
    const target = requests.entities[2]?.attributes as RecordSymbol;
    const production = valueAt(target, "environment.production") as { readonly is: Formula };
    expect(production.is.op).toBe("atom");
    const at = valueAt(requests.context, "at") as { readonly is: { readonly sort: "Int"; readonly text: string } };
    const early = terms.less(at.is, int(Date.parse(until)));
    expect(observed).toBe(
      terms.and(
        terms.not(production.is),
        terms.or(isOf(requests, "open", ["a", "b"]), terms.and(isOf(requests, "ends", ["c"]), early)),
      ),
    );
    expect(requestsOf().observed()).toBe(terms.no);
    const reads = requestsOf({ verb: "read" }, [side({ workflows: { silent: workflows.silent } })]);
    const when = valueAt(reads.context, "at") as typeof at;
    const soon = terms.less(when.is, int(Date.parse(until)));
    expect(reads.observed()).toBe(terms.and(isOf(reads, "silent", ["d"]), soon));
  });
});

describe("what cannot be undone", () => {
  it("is what the agent's own workflow names, and nothing else", () => {
    const workflows = { w: { ...workflow, irreversible: ["s.t", "s.u"] }, none: { ...workflow, agents: ["c"] } };
    const requests = requestsOf({}, [side({ workflows })]);
    const set = valueAt(requests.agent, "irreversible") as { readonly name: string };
    const isOwn = terms.and(
      terms.equal(requests.text(["principal", "workflow"]), str("w")),
      terms.or(...["a", "b"].map((agent) => terms.equal(requests.principal.id, str(agent)))),
    );
    expect([...sets.probes].map((probe) => (probe as { readonly is: unknown }).is)).toEqual([str("s.t"), str("s.u")]);
    sets.has({ kind: "set", name: set.name, of: "string" }, { kind: "string", is: str("s.v") });
    sets.has({ kind: "set", name: "n", of: "long" }, { kind: "long", is: int(1) });
    const held = (tool: string) => terms.atom(`(${set.name} "${tool}")`);
    expect(new Set(sets.facts())).toEqual(
      new Set([
        terms.iff(held("s.t"), isOwn),
        terms.iff(held("s.u"), isOwn),
        terms.iff(held("s.v"), terms.no),
        terms.yes,
      ]),
    );
    // Of a workflow that names none nothing is said.
    expect(terms.lines.some((line) => line.includes('"none"'))).toBe(false);
  });

  it("is not known of whatever tool", () => {
    const workflows = { w: { ...workflow, irreversible: ["s.t"] } };
    const requests = requestsOf({ tool: undefined, types: {} }, [side({ workflows })]);
    expect(valueAt(requests.agent, "irreversible")).toEqual({ kind: "set", name: expect.any(String), of: "string" });
    expect([...sets.probes]).toEqual([]);
    expect(sets.facts()).toEqual([]);
  });
});
