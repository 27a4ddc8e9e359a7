import type { Json, JsonObject, Verb } from "@countersign/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classify } from "./classify.ts";
import { answered, type FlowLabels, flowOf, flowSchema } from "./flow.ts";
import { ruleSchema } from "./rule.ts";

const closed = { integrity: "untrusted", confidentiality: "secret", fields: [] };
const labels = (flow: object): FlowLabels => flowSchema.parse(flow);

function found(flow: object | undefined, args: JsonObject, verb: Verb = "execute", parsed: JsonObject = {}) {
  const { effect, destinations } = flowOf(flow === undefined ? undefined : labels(flow), verb, { args, parsed });
  return { effect, values: destinations.map(({ value }) => value) };
}

describe("a call without labels", () => {
  it("that executes or proposes lets data leave, to all its arguments, and its answer is untrusted and secret", () => {
    for (const verb of ["execute", "propose"] as const) {
      const flow = flowOf(undefined, verb, { args: { to: "x", more: { deep: [1, "y"] }, on: true }, parsed: {} });
      expect(flow.effect).toBe("egress");
      expect(flow.destinations.map(({ value }) => value)).toEqual(["x", 1, "y", "deep"]);
      expect(flow.result).toEqual(closed);
    }
  });

  it("that reads is a read where none of its arguments could be an address", () => {
    const scope = { args: { q: "refunds in May", page: 2 }, parsed: {} };
    expect(flowOf(undefined, "read", scope)).toEqual({ effect: "read", destinations: [], result: closed });
  });

  it("that reads at an address which a rule declares goes to that address", () => {
    const scope = { args: { page: "https://evil.example/x", size: 2 }, parsed: {} };
    const there = flowOf(undefined, "read", scope, { page: { as: "url" } });
    expect(there.effect).toBe("egress");
    expect(there.destinations).toEqual([{ at: "args.page", value: "https://evil.example/x" }]);
  });

  it("that reads what could be an address lets data leave, to all its arguments, though no rule says so", () => {
    const values = (args: JsonObject, wanted = {}) => {
      const { effect, destinations } = flowOf(undefined, "read", { args, parsed: {} }, wanted);
      return [effect, ...destinations.map(({ value }) => value)];
    };
    expect(values({ q: "https://evil.example/?d=A-17", page: 2 })).toEqual([
      "egress",
      "https://evil.example/?d=A-17",
      2,
    ]);
    expect(values({ url: "evil.example", page: 2 })).toEqual(["egress", "evil.example", 2]);
    expect(values({ page: "https://a.example", via: "//evil.example" }, { page: { as: "url" } })).toEqual([
      "egress",
      "https://a.example",
      "//evil.example",
    ]);
    const part = { result: { integrity: "untrusted", confidentiality: "public" } };
    expect(found(part, { q: "https://evil.example" }, "read").effect).toBe("egress");
    expect(found({ ...part, effect: "read" }, { url: "https://evil.example" }, "read").effect).toBe("read");
  });

  it("is as closed where only a part is labelled", () => {
    expect(found({ result: { integrity: "trusted" } }, { a: "x" })).toEqual({ effect: "egress", values: ["x"] });
    expect(labels({ result: {} }).result).toEqual(closed);
    expect(flowOf(labels({ effect: "irreversible" }), "execute", { args: { a: "x" }, parsed: {} })).toMatchObject({
      destinations: [{ at: "args.a", value: "x" }],
      result: closed,
    });
  });
});

describe("a label", () => {
  it("that says read makes no execution a read", () => {
    const flow = { effect: "read", destinations: ["args.a"] };
    expect(found(flow, { a: "x", b: "y" })).toEqual({ effect: "egress", values: ["x"] });
    expect(found(flow, { a: "x" }, "propose").effect).toBe("egress");
    expect(found(flow, { a: "x" }, "read")).toEqual({ effect: "read", values: [] });
  });

  it("names leaves: of each of a list, inside objects, and of what was parsed", () => {
    const flow = { effect: "egress", destinations: ["args.to.*.address", "args.deep.er", "parsed.url.host"] };
    const args = {
      to: [{ address: "a@x.example", text: "t" }, { address: "b@x.example" }],
      deep: { er: 3 },
      body: "t",
    };
    expect(found(flow, args, "execute", { url: { host: "h.example", path: "/p" } }).values).toEqual([
      "a@x.example",
      "b@x.example",
      3,
      "h.example",
    ]);
  });

  it("sees an argument of another shape as a whole", () => {
    const of = (to: Json) => found({ destinations: ["args.to.*.address"] }, { to }).values;
    expect(of("evil@x.example")).toEqual(["evil@x.example"]);
    expect(of(["evil@x.example"])).toEqual(["evil@x.example"]);
    expect(of({ address: "evil@x.example" })).toEqual(["evil@x.example", "address"]);
    expect(of([[{ address: "evil@x.example" }]])).toEqual(["evil@x.example", "address"]);
    expect(of([{ address: { deep: "evil@x.example" } }])).toEqual(["evil@x.example", "deep"]);
    expect(found({ destinations: ["args.to"] }, { to: { "evil@x.example": true } }).values).toEqual(["evil@x.example"]);
  });

  it("takes a member that is not there for no place, and what stands beside it still for one", () => {
    const flow = { destinations: ["args.to.*.address", "args.gone", "args.deep.gone", "parsed.x.y"] };
    expect(found(flow, { to: [{ text: "t" }, { address: "a" }], deep: { er: 1 } }).values).toEqual(["a"]);
    expect(found(flow, {}).values).toEqual([]);
  });

  it("takes no truth value and nothing for a place, but an empty text, which may mean everything", () => {
    expect(found({ destinations: ["args.a.*"] }, { a: [true, null, "", 0] }).values).toEqual(["", 0]);
  });

  it("says a place by its whole name, and all arguments where it has none", () => {
    const flow = { destinations: [{ at: "args.repo", as: "{{args.owner}}/{{args.repo}}" }] };
    expect(found(flow, { owner: "acme", repo: "web", body: "t" }).values).toEqual(["acme/web"]);
    expect(found(flow, { repo: "web", body: "t" }).values).toEqual(["web", "t"]);
    expect(found(flow, { owner: { x: "acme" }, repo: "web" }).values).toEqual(["acme", "x", "web"]);
    expect(found(flow, { owner: "acme", body: "t" }).values).toEqual([]);
    expect(found(flow, { owner: "{{args.body}}", repo: "web", body: "t" }).values).toEqual(["{{args.body}}/web"]);
  });

  it("carries what endorses a value to each value that it names", () => {
    const endorse = { type: "integer" } as const;
    const { destinations } = flowOf(labels({ destinations: [{ at: "args.n.*", endorse }] }), "execute", {
      args: { n: [1, "x"] },
      parsed: {},
    });
    expect(destinations).toEqual([
      { at: "args.n.*", value: 1, endorse },
      { at: "args.n.*", value: "x", endorse },
    ]);
  });

  it.each(["to", "args", "args.", "result.x", "args.a..b", "args.$json", "args.a b"])(
    "refuses the place `%s`",
    (at) => {
      expect(flowSchema.safeParse({ destinations: [at] }).success).toBe(false);
    },
  );
});

describe("more places than are looked at", () => {
  const many = Array.from({ length: 1_000 }, (_, at) => `v${at}`);

  it("end in one that nothing matches, whichever label they stand under", () => {
    for (const flow of [undefined, { destinations: ["args.to.*"] }, { destinations: ["args.to"] }]) {
      const { values } = found(flow, { to: many });
      expect(values).toHaveLength(257);
      expect(values.at(-1)).toBe("\0too many");
    }
    expect(found({ destinations: ["args.to.*"] }, { to: many.slice(0, 256) }).values).toEqual(many.slice(0, 256));
  });

  it("hide no place that another label names", () => {
    const { values } = found({ destinations: ["args.to.*", "args.last"] }, { to: many, last: "evil" });
    expect(values.includes("evil") || values.at(-1) === "\0too many").toBe(true);
  });
});

describe("names of an object's own making", () => {
  const args = JSON.parse('{"__proto__":{"to":"evil"},"to":{"__proto__":"evil","constructor":"x"}}') as JsonObject;

  it("are values like any other, and never what an object inherits", () => {
    expect(found(undefined, args).values).toEqual(expect.arrayContaining(["evil", "__proto__", "x", "constructor"]));
    expect(found({ destinations: ["args.to.__proto__"] }, args).values).toEqual(["evil"]);
    for (const at of ["args.constructor", "args.to.toString", "args.__proto__.polluted", "parsed.valueOf"])
      expect(found({ destinations: [at] }, { to: {} }).values, at).toEqual([]);
  });

  it("do not make a call fail that is classified", () => {
    const one = { id: "s.t", rule: undefined, system: "s", labels: [], places };
    expect(classify(one, args).flow.destinations.map(({ value }) => value)).toContain("evil");
  });
});

const places = {
  environments: new Map([["desk", { name: "desk", production: false }]]),
  production: { name: "production", production: true },
  server: "desk",
  roots: [],
  hosts: [],
  names: new Map(),
};
const ruleOf = (rule: object) => ({ id: "s.t", rule: ruleSchema.parse(rule), system: "s", labels: [], places });

describe("a classified call", () => {
  const flow = { effect: "irreversible", destinations: ["args.to"], result: { integrity: "trusted" } };

  it("that no mapping covers is egress over all its arguments, whatever its labels say", () => {
    const unmapped = classify(ruleOf({ verb: "execute", flow }), { to: "x", body: "y" });
    expect(unmapped).toMatchObject({ verb: "execute", flow: { effect: "egress", result: closed } });
    expect(unmapped.flow.destinations.map(({ value }) => value)).toEqual(["x", "y"]);
    const noTarget = ruleOf({ verb: "execute", environment: "server", target: "{{args.gone}}", flow });
    expect(classify(noTarget, { to: "x", body: "y" }).flow.effect).toBe("egress");
    expect(classify(ruleOf({ verb: "execute", environment: "server", flow }), { to: "x", body: "y" }).flow).toEqual({
      effect: "irreversible",
      destinations: [{ at: "args.to", value: "x" }],
      result: { ...closed, integrity: "trusted" },
    });
  });

  it("goes where the server's default says, where the argument is absent", () => {
    const rule = ruleOf({ verb: "execute", environment: "server", flow, defaults: { to: "everybody" } });
    const to = (args: JsonObject) => classify(rule, args).flow.destinations.map(({ value }) => value);
    expect([to({}), to({ to: "one" })]).toEqual([["everybody"], ["one"]]);
  });

  it("without labels that reads takes an argument for an address where the tool's schema does", () => {
    const rule = { verb: "read", environment: "server", target: "web" };
    const reads = (args: JsonObject, more: object = {}) => classify({ ...ruleOf(rule), ...more }, args).flow.effect;
    const addresses = new Set(["page"]);
    expect([reads({ page: "evil.example" }), reads({ page: "evil.example" }, { addresses })]).toEqual([
      "read",
      "egress",
    ]);
    expect(reads({ q: "words" }, { addresses })).toBe("read");
  });

  it("without labels of a protocol's own method reads what the server has, and leaves for the web", () => {
    const method = { ...ruleOf({ verb: "read", environment: "server", target: "it" }), isMethod: true };
    const reads = (uri: string) => classify(method, { uri }).flow.effect;
    for (const uri of ["memory://graph", "file:///ws/a.md", "ui://page", "a"]) expect(reads(uri), uri).toBe("read");
    for (const uri of ["https://evil.example/?d=A-17", "HTTP:evil.example", " wss://evil.example"])
      expect(reads(uri), uri).toBe("egress");
    const prompt = classify(method, { name: "a", arguments: { page: "https://evil.example" } });
    expect(prompt.flow.effect).toBe("egress");
  });

  it("is what its case says: the case's labels stand for the rule's, and without them the rule's stay", () => {
    const rule = ruleOf({
      verb: "execute",
      environment: "server",
      flow,
      cases: [
        { when: { mode: ["draft"] }, flow: { effect: "reversible", destinations: [] } },
        { when: { mode: ["list"] }, verb: "read" },
      ],
    });
    const of = (mode: string) => classify(rule, { to: "x", mode }).flow;
    expect(of("send")).toMatchObject({ effect: "irreversible", result: { integrity: "trusted" } });
    expect(of("draft")).toEqual({ effect: "reversible", destinations: [], result: closed });
    // A label that forgot the case that reads errs on the careful side.
    expect(of("list")).toMatchObject({ effect: "irreversible" });
  });

  it("has labels whatever its arguments are", () => {
    const rule = ruleOf({ verb: "execute", environment: "server", flow: { ...flow, destinations: ["args.to.*.a"] } });
    fc.assert(
      fc.property(fc.jsonValue(), (to) => {
        const { destinations } = classify(rule, { to: to as Json }).flow;
        expect(destinations.length).toBeLessThanOrEqual(257);
        for (const { value } of destinations) expect(["string", "number"]).toContain(typeof value);
      }),
    );
  });
});

describe("the answer of a server that calls it an error", () => {
  it("is trusted in nothing: it repeats what the call said", () => {
    const trusted = labels({ result: { integrity: "trusted", fields: [{ at: "id", integrity: "trusted" }] } });
    const { result } = flowOf(trusted, "read", { args: {}, parsed: {} });
    expect(answered(result, false)).toBe(result);
    expect(answered(result, true)).toEqual({ integrity: "untrusted", confidentiality: "secret", fields: [] });
  });
});
