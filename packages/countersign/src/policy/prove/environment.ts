import { besides, byKey, type CuredSource, type Side } from "./cured-source.ts";
import { isHopeless } from "./gate.ts";
import { observedOf } from "./observed-of.ts";
import {
  type Attribute,
  type Attributes,
  closed,
  counted,
  decimals,
  type Environment,
  mayBeAbsent,
  membersOf,
  ofSide,
  rangeOf,
  requestShapes,
  type Variable,
  years,
} from "./request-shape.ts";
import type { Sets } from "./sets.ts";
import {
  certain,
  type Member,
  type NumberKind,
  type Plain,
  type RecordSymbol,
  type SetSymbol,
  sure,
} from "./symbol.ts";
import type { KnownEntity, SymbolicWorld } from "./symbolic-world.ts";
import { type Formula, int, str, type Term, type Terms } from "./term.ts";

/** Requests as `request.ts` builds them from inputs that `inputFaults` takes. */
export class Requests implements SymbolicWorld {
  readonly environment: Environment;
  readonly variables: Variable[] = [];
  /** Of what kind the elements of each set are. */
  readonly setKinds = new Map<string, string>();
  /** What every request keeps, for the variables that were met. */
  readonly facts: Formula[] = [];
  readonly principal: SymbolicWorld["principal"];
  readonly action: SymbolicWorld["action"];
  readonly resource: SymbolicWorld["resource"];
  readonly context: RecordSymbol;
  readonly entities: readonly KnownEntity[];
  readonly agent: RecordSymbol;
  readonly #terms: Terms;
  readonly #sets: Sets;
  readonly #texts = new Map<string, Term>();
  readonly #cured = new Map<string, Formula>();
  /** By key, each text that counts as met with it. */
  readonly #sources: ReadonlyMap<string, readonly CuredSource[]>;
  /** Whose facts are read now: what is cured and what is irreversible depends on the set. */
  #side: Side;

  constructor(terms: Terms, sets: Sets, environment: Environment, sides: readonly [Side, ...Side[]]) {
    this.environment = environment;
    this.#terms = terms;
    this.#sets = sets;
    this.#side = sides[0];
    this.#sources = byKey(sides);
    const { tool, types, names = { windows: [], steps: [], zones: [] } } = environment;
    const shapes = requestShapes(types, names);
    this.principal = { kind: "entity", type: "Agent", id: this.text(["principal", "agent"]) };
    this.action = {
      kind: "entity",
      type: "Action",
      id: tool === undefined ? this.text(["action", "tool"]) : str(tool),
    };
    this.resource = { kind: "entity", type: "Target", id: this.text(["resource", "target"]) };
    this.agent = this.#record(["principal"], shapes.agent);
    this.context = this.#record(["context"], shapes.context);
    const nothing: RecordSymbol = { kind: "record", names: [], get: () => undefined };
    this.entities = [
      { is: this.principal, attributes: this.agent, tags: nothing, within: (other) => this.#isMember(other) },
      {
        is: this.action,
        attributes: nothing,
        tags: nothing,
        within: (other) => (other.type === "Action" ? terms.equal(other.id, str(environment.verb)) : terms.no),
      },
      {
        is: this.resource,
        attributes: this.#record(["resource"], shapes.target),
        tags: nothing,
        within: (other) =>
          other.type === "System" ? terms.equal(other.id, this.text(["resource", "system"])) : terms.no,
      },
    ];
    // INVARIANT: no tool has a verb's name, and none is its own group.
    if (tool === undefined)
      for (const verb of ["read", "propose", "execute"])
        this.facts.push(terms.not(terms.equal(this.action.id, str(verb))));
  }

  /** The policy set whose policies are translated from now on. */
  lookAs(side: Side): void {
    this.#side = side;
  }

  /** One text of a request, wherever it is read. */
  text(path: readonly string[]): Term {
    const key = path.join("\0");
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const term: Term = { sort: "String", text: this.#terms.declare("String") };
    this.#texts.set(key, term);
    this.variables.push({ path, of: "string", text: term.text });
    return term;
  }

  /** Whether a policy's cure is met. */
  cured(source: CuredSource): Formula {
    const known = this.#cured.get(source.key);
    if (known !== undefined) return known;
    const terms = this.#terms;
    if (isHopeless(source.cure)) return terms.no;
    if (source.cure.kind === "wait") return terms.lessEqual(int(Date.parse(source.cure.until)), this.#at());
    const text = terms.declare("Bool");
    const met = terms.atom(text);
    this.variables.push({ path: ["cured", source.key], of: "bool", text });
    this.#cured.set(source.key, met);
    const { entailed, entailing } = besides(this.#sources, source);
    for (const other of entailed) this.facts.push(terms.implies(met, this.cured(other)));
    for (const other of entailing) this.facts.push(terms.implies(this.cured(other), met));
    return met;
  }

  /** Where the agent's workflow only records what would be done, and lets it pass. */
  observed(): Formula {
    const { workflows } = this.#side.policies;
    const early = (until: string): Formula => this.#terms.less(this.#at(), int(Date.parse(until)));
    const passes = observedOf(this.#terms, workflows, this.environment.verb, early, this.#isOf.bind(this));
    return passes.op === "false" ? passes : this.#terms.and(this.outsideProduction(), passes);
  }

  /** Observing lets no execution pass in production. */
  outsideProduction(): Formula {
    if (this.environment.verb !== "execute") return this.#terms.yes;
    const place = sure<RecordSymbol>(this.entities[2]?.attributes as RecordSymbol, "environment");
    return this.#terms.not(sure<Extract<Plain, { kind: "bool" }>>(place, "production").is);
  }

  #at(): Term {
    return sure<Extract<Plain, { readonly kind: NumberKind }>>(this.context, "at").is;
  }

  #isOf(workflow: string, agents: readonly string[]): Formula {
    const { and, or } = this.#terms;
    const terms = this.#terms;
    return and(
      terms.equal(this.text(["principal", "workflow"]), str(workflow)),
      or(...agents.map((agent) => terms.equal(this.principal.id, str(agent)))),
    );
  }

  #isMember(other: { readonly type: string; readonly id: Term }): Formula {
    if (other.type === "Workflow") return this.#terms.equal(other.id, this.text(["principal", "workflow"]));
    if (other.type !== "Group") return this.#terms.no;
    return this.#sets.has(sure<SetSymbol>(this.agent, "groups"), { kind: "string", is: other.id });
  }

  #record(path: readonly string[], attributes: Attributes): RecordSymbol {
    const known = new Map<string, Member>();
    const get = (name: string): Member | undefined => {
      if (!Object.hasOwn(attributes, name)) return undefined;
      const key = ofSide.has([...path, name].join(".")) ? `${name} ${this.#side.name}` : name;
      const before = known.get(key);
      if (before !== undefined) return before;
      const member = this.#member([...path, name], attributes[name] as Attribute);
      known.set(key, member);
      return member;
    };
    return { kind: "record", names: Object.keys(attributes), get };
  }

  #member(path: readonly string[], type: Attribute): Member {
    const isSure = type.required !== false && !mayBeAbsent(path, type);
    const present = isSure ? this.#terms.yes : this.#present(path);
    return { present, value: certain(this.#terms, this.#value(path, type)) };
  }

  #present(path: readonly string[], of: "present" | "bool" = "present"): Formula {
    const text = this.#terms.declare("Bool");
    this.variables.push({ path, of, text });
    return this.#terms.atom(text);
  }

  #value(path: readonly string[], type: Attribute): Plain {
    const place = path.join(".");
    const [, group, name] = path;
    if (group === "args" && this.environment.unlike?.some((one) => one === name))
      return { kind: "unknown", why: `\`${place}\`, which has another type in the other set` };
    if (this.environment.tool === undefined && place === "context.args")
      return { kind: "unknown", why: "the arguments of whatever tool" };
    if (counted.has(place) && (this.environment.names === undefined || this.environment.whole?.has(place) === true))
      return { kind: "unknown", why: `\`${place}\`, whose members are not known` };
    if (place === "context.tool.id") return { kind: "string", is: this.action.id };
    if (place === "context.tool.verb") return { kind: "string", is: str(this.environment.verb) };
    if (place === "resource.target") return { kind: "string", is: this.resource.id };
    if (place === "context.facts.cured") return this.#curedSet();
    if (place === "principal.irreversible") return this.#irreversible();
    switch (type.type) {
      case "String":
        return { kind: "string", is: this.#oneOf(this.text(path), place) };
      case "Boolean":
        return { kind: "bool", is: this.#present(path, "bool") };
      case "Long":
        return { kind: "long", is: this.#within(this.#number(path, "long"), rangeOf(path)) };
      case "Record":
        return this.#record(path, membersOf(type));
      case "Set":
        return this.#setOf(path, (type as { readonly element: Attribute }).element);
      case "Extension": {
        const { name } = type as { readonly name: string };
        if (name === "decimal") return { kind: "decimal", is: this.#within(this.#number(path, "decimal"), decimals) };
        if (name === "datetime") return { kind: "datetime", is: this.#within(this.#number(path, "datetime"), years) };
      }
    }
    return { kind: "unknown", why: `\`${place}\`, whose type is not modelled` };
  }

  #number(path: readonly string[], of: "long" | "decimal" | "datetime"): Term {
    const text = this.#terms.declare("Int");
    this.variables.push({ path, of, text });
    return { sort: "Int", text };
  }

  #within(term: Term, [low, high]: readonly [bigint, bigint]): Term {
    this.facts.push(this.#terms.lessEqual(int(low), term), this.#terms.lessEqual(term, int(high)));
    return term;
  }

  #oneOf(term: Term, place: string): Term {
    const values = closed[place];
    if (values !== undefined)
      this.facts.push(this.#terms.or(...values.map((value) => this.#terms.equal(term, str(value)))));
    return term;
  }

  #setOf(path: readonly string[], element: Attribute): Plain {
    const of =
      element.type === "String"
        ? ("string" as const)
        : element.type === "Long"
          ? ("long" as const)
          : element.type === "Extension" && (element as { readonly name: string }).name === "decimal"
            ? ("decimal" as const)
            : undefined;
    if (of !== undefined) {
      const name = this.#terms.declareSet(of === "string" ? "String" : "Int");
      this.variables.push({ path, of: "set", text: name });
      this.setKinds.set(name, of);
      return { kind: "set", name, of };
    }
    if (element.type !== "Boolean")
      return { kind: "unknown", why: `\`${path.join(".")}\`, a list of lists or records` };
    const items = [true, false].map((value) => {
      const when = this.#present([...path, `${value}`]);
      return { when, what: { kind: "bool" as const, is: value ? this.#terms.yes : this.#terms.no } };
    });
    return { kind: "set", items };
  }

  /** Exactly the curable policies of the slice, each met or not; unknown ones where the slice is not known. */
  #curedSet(): SetSymbol {
    if (this.environment.tool === undefined)
      return { kind: "set", name: this.#terms.declareSet("String"), of: "string" };
    return {
      kind: "set",
      items: this.#side.sources.map((source) => ({
        when: this.cured(source),
        what: { kind: "string" as const, is: str(source.id) },
      })),
    };
  }

  #irreversible(): SetSymbol {
    const name = this.#terms.declareSet("String");
    const set: SetSymbol = { kind: "set", name, of: "string" };
    if (this.environment.tool === undefined) return set;
    const workflows = Object.entries(this.#side.policies.workflows).filter(
      ([, { irreversible }]) => irreversible.length > 0,
    );
    // What the agent's own workflow names, and nothing else.
    this.#sets.forAll((element) => {
      if (element.kind !== "string") return this.#terms.yes;
      const { and, or } = this.#terms;
      const named = workflows.map(([workflow, { agents, irreversible }]) =>
        and(this.#isOf(workflow, agents), or(...irreversible.map((tool) => this.#terms.equal(element.is, str(tool))))),
      );
      return this.#terms.iff(this.#sets.has(set, element), or(...named));
    });
    for (const tool of new Set(workflows.flatMap(([, { irreversible }]) => irreversible)))
      this.#sets.has(set, { kind: "string", is: str(tool) });
    return set;
  }
}
