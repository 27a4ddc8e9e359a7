import { type Expr, policyToJson, type TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import { compileExpression } from "../cedar/expression.ts";
import { datetimeOf, durationOf } from "../cedar/extension.ts";
import { EvaluationFault } from "../cedar/fault.ts";
import { isLong, toLong } from "../cedar/long.ts";
import { type CedarRecord, CedarSet, Entity, keyOf, RecordValue, type Value } from "../cedar/value.ts";
import { World } from "../cedar/world.ts";
import type { CedarRequest } from "../request.ts";
import type { Sets } from "./sets.ts";
import {
  certain,
  constant,
  type EntitySymbol,
  type Member,
  type Plain,
  type RecordSymbol,
  type Symbolic,
} from "./symbol.ts";
import type { KnownEntity, SymbolicWorld } from "./symbolic-world.ts";
import { type Formula, int, str, type Term, type Terms } from "./term.ts";
import { Translation } from "./translate.ts";

type Known = boolean | bigint | string;
type Part = string | readonly Part[];

/** `constants`: everything is known beforehand; `variables`: nothing is; `named`: nor what is in a set. */
export type Flavour = "constants" | "variables" | "named";

/** One condition as Cedar's syntax tree. */
export function expression(text: string): Expr {
  const read = policyToJson(`forbid (principal, action, resource) when { ${text} };`);
  if (read.type === "failure") throw new Error(`${text}: ${read.errors[0]?.message}`);
  const [condition] = read.json.conditions;
  if (condition === undefined) throw new Error("there is no condition");
  return condition.body;
}

/** What the evaluator makes of an expression: the key of its value, or `fault`. */
export function evaluated(of: Expr, request: CedarRequest): string {
  try {
    return keyOf(compileExpression(of)(new World(request)));
  } catch (thrown) {
    if (thrown instanceof EvaluationFault) return "fault";
    throw thrown;
  }
}

/** A request as a translation sees it, and what its variables are in it: small enough that all that is left open is tried. */
export class Model implements SymbolicWorld {
  readonly translation: Translation;
  readonly values = new Map<string, Known>();
  readonly sets = new Map<string, readonly Value[]>();
  readonly #flavour: Flavour;
  readonly #unknown: readonly string[];
  #terms!: Terms;
  #sets!: Sets;
  principal!: EntitySymbol;
  action!: EntitySymbol;
  resource!: EntitySymbol;
  context!: RecordSymbol;
  entities!: readonly KnownEntity[];

  /** Of the members of the context that are named in `unknown` nothing is modelled. */
  constructor(request: CedarRequest, flavour: Flavour, unknown: readonly string[] = []) {
    this.#flavour = flavour;
    this.#unknown = unknown;
    this.translation = new Translation((terms, sets) => {
      this.#terms = terms;
      this.#sets = sets;
      const world = new World(request);
      this.principal = this.#plain(world.principal) as EntitySymbol;
      this.action = this.#plain(world.action) as EntitySymbol;
      this.resource = this.#plain(world.resource) as EntitySymbol;
      this.context = this.#record(world.context, true);
      this.entities = request.entities.map(({ uid }) => this.#entity(world, "__entity" in uid ? uid.__entity : uid));
      return this;
    });
  }

  /** All that a symbol can be, as keys of values, `fault` and `unknown`, whatever is chosen for what is left open. */
  outcomes(symbol: Symbolic): readonly string[] {
    const facts = this.translation.sets.facts();
    const lines = this.#terms.lines.map((line) => read(line)[0] as readonly Part[]);
    const open = lines.filter(([what, name]) => what === "declare-const" && !this.values.has(String(name)));
    const domains = open.map(([, name, sort]) => [String(name), this.#domain(String(sort))] as const);
    const tries = domains.reduce((product, [, domain]) => product * domain.length, 1);
    if (tries > 300_000) throw new Error(`${tries} ways are too many to try`);
    const found = new Set<string>();
    for (let at = 0; at < tries; at++) {
      const chosen = new Map<string, Known>();
      let rest = at;
      for (const [name, domain] of domains) {
        chosen.set(name, domain[rest % domain.length] as Known);
        rest = Math.floor(rest / domain.length);
      }
      const reading = new Reading((name) => chosen.get(name) ?? this.values.get(name), this.sets, lines);
      if (facts.every((fact) => reading.holds(fact))) found.add(reading.outcome(symbol));
    }
    return [...found].sort();
  }

  #domain(sort: string): readonly Known[] {
    if (sort === "Bool") return [true, false];
    const kind = sort === "Int" ? "bigint" : "string";
    const some: readonly Known[] = [-1n, 0n, 1n, 2n, "", "a", "k"];
    const elements = [...this.sets.values()].flat().map(knownOf);
    return [...new Set([...some, ...elements])].filter((value) => typeof value === kind);
  }

  #variable(sort: "Bool" | "Int" | "String", value: Known): string {
    const name = this.#terms.declare(sort);
    this.values.set(name, value);
    return name;
  }

  #flag(value: boolean): Formula {
    if (this.#flavour === "constants") return value ? this.#terms.yes : this.#terms.no;
    return this.#terms.atom(this.#variable("Bool", value));
  }

  #term(value: bigint | string): Term {
    if (this.#flavour === "constants") return typeof value === "string" ? str(value) : int(value);
    const sort = typeof value === "string" ? "String" : "Int";
    return { sort, text: this.#variable(sort, value) };
  }

  #plain(value: Value): Plain {
    if (typeof value === "string") return { kind: "string", is: this.#term(value) };
    if (typeof value === "boolean") return { kind: "bool", is: this.#flag(value) };
    if (isLong(value)) return { kind: "long", is: this.#term(BigInt(value)) };
    if (value instanceof Entity) return { kind: "entity", type: value.type, id: this.#term(value.id) };
    switch (value.kind) {
      case "decimal":
        return { kind: "decimal", is: this.#term(value.units) };
      case "datetime":
      case "duration":
        return { kind: value.kind, is: this.#term(BigInt(value.ms)) };
      case "record":
        return this.#record(value);
      case "set":
        return this.#set(value.items);
      default:
        return constant(this.#terms, value);
    }
  }

  #set(items: readonly Value[]): Plain {
    const plain = items.map((item) => constant(this.#terms, item));
    const kinds = new Set(plain.map(({ kind }) => kind));
    const [of = "string"] = kinds;
    const isScalar = of === "string" || of === "long" || of === "decimal" || of === "datetime" || of === "duration";
    if (this.#flavour === "named" && isScalar && kinds.size < 2) {
      const name = this.#terms.declareSet(of === "string" ? "String" : "Int");
      this.sets.set(name, items);
      const set = { kind: "set", name, of } as const;
      // Each of them is asked about, or a set that has them could pass for one that does not.
      for (const item of plain) this.#sets.has(set, item);
      return set;
    }
    // What could be in it and is not.
    const others: readonly Value[] = this.#flavour === "constants" ? [] : [3, "z", true, new Entity("Target", "z")];
    return {
      kind: "set",
      items: [...items.map((item) => [item, true] as const), ...others.map((item) => [item, false] as const)].map(
        ([item, isThere]) => ({
          when: this.#flag(isThere),
          what: kinds.has("set") ? constant(this.#terms, item) : this.#plain(item),
        }),
      ),
    };
  }

  #record(record: CedarRecord, isContext = false): RecordSymbol {
    const known = new Map<string, Member>();
    const get = (name: string): Member | undefined => {
      const before = known.get(name);
      if (before !== undefined) return before;
      const value = record.get(name);
      if (value === undefined && this.#flavour === "constants") return undefined;
      const present = this.#flag(value !== undefined);
      const isUnknown = isContext && this.#unknown.includes(name);
      const what: Plain = isUnknown ? { kind: "unknown", why: name } : this.#plain(value ?? 0);
      const member = { present, value: certain(this.#terms, what) };
      known.set(name, member);
      return member;
    };
    return { kind: "record", names: record.names(), get };
  }

  #entity(world: World, { type, id }: TypeAndId): KnownEntity {
    const self = new Entity(type, id);
    const above = world.ancestorsOf(self);
    const nothing = new RecordValue(new Map());
    return {
      is: constant(this.#terms, self) as EntitySymbol,
      attributes: this.#record(world.attributesOf(self) ?? nothing),
      tags: this.#record(world.tagsOf(self) ?? nothing),
      within: (other) =>
        this.#terms.or(
          ...above.filter(({ type }) => type === other.type).map(({ id }) => this.#terms.equal(other.id, str(id))),
        ),
    };
  }
}

function knownOf(value: Value): Known {
  if (typeof value === "string") return value;
  if (isLong(value)) return BigInt(value);
  if (typeof value === "object" && "units" in value) return value.units;
  if (typeof value === "object" && "ms" in value) return BigInt(value.ms);
  throw new Error("no solver chooses such an element");
}

/** Reads SMT-LIB where every variable has a value. */
class Reading {
  readonly #read: (name: string) => Known | undefined;
  readonly #sets: ReadonlyMap<string, readonly Value[]>;
  readonly #defined = new Map<string, Part>();

  constructor(
    read: (name: string) => Known | undefined,
    sets: ReadonlyMap<string, readonly Value[]>,
    lines: readonly (readonly Part[])[],
  ) {
    this.#read = read;
    this.#sets = sets;
    for (const [what, name, , , body] of lines)
      if (what === "define-fun" && body !== undefined) this.#defined.set(String(name), body);
  }

  holds(formula: Formula): boolean {
    switch (formula.op) {
      case "true":
      case "false":
        return formula.op === "true";
      case "atom":
        return this.#text(formula.text) === true;
      case "not":
        return !formula.of.some((one) => this.holds(one));
      case "and":
        return formula.of.every((one) => this.holds(one));
      case "or":
        return formula.of.some((one) => this.holds(one));
    }
  }

  outcome({ fault, choices }: Symbolic): string {
    if (this.holds(fault)) return "fault";
    const held = choices.filter(({ when }) => this.holds(when));
    const [only] = held;
    if (only === undefined || held.length > 1) throw new Error(`${held.length} choices hold, and no fault does`);
    return only.what.kind === "unknown" ? "unknown" : keyOf(this.#value(only.what));
  }

  #value(what: Plain): Value {
    switch (what.kind) {
      case "bool":
        return this.holds(what.is);
      case "long":
        return toLong(this.#number(what.is));
      case "decimal":
        return { kind: "decimal", key: `${this.#number(what.is)}`, units: this.#number(what.is) };
      case "datetime":
        return datetimeOf(toLong(this.#number(what.is)));
      case "duration":
        return durationOf(toLong(this.#number(what.is)));
      case "string":
        return this.#text(what.is.text) as string;
      case "entity":
        return new Entity(what.type, this.#text(what.id.text) as string);
      case "ipaddr":
        return what.is;
      case "set":
        return "items" in what
          ? new CedarSet(what.items.filter(({ when }) => this.holds(when)).map((item) => this.#value(item.what)))
          : new CedarSet(this.#sets.get(what.name) ?? []);
      case "record":
        return new RecordValue(
          new Map(
            what.names.flatMap((name) => {
              const member = what.get(name);
              const choice = member?.value.choices.find(({ when }) => this.holds(when));
              return member !== undefined && this.holds(member.present) && choice !== undefined
                ? [[name, this.#value(choice.what)] as const]
                : [];
            }),
          ),
        );
      case "unknown":
        throw new Error("what is unknown has no value");
    }
  }

  #number(term: Term): bigint {
    return this.#text(term.text) as bigint;
  }

  #text(text: string): Known {
    const [part] = read(text);
    if (part === undefined) throw new Error(`\`${text}\` says nothing`);
    return this.#of(part);
  }

  #of(part: Part): Known {
    if (typeof part === "string") return this.#symbol(part);
    const [operator, ...parts] = part;
    if (operator === "ite") return this.#of((this.#of(parts[0] as Part) === true ? parts[1] : parts[2]) as Part);
    if (operator === "str.in_re") return this.#pattern(parts[1] as Part).test(this.#of(parts[0] as Part) as string);
    const values = parts.map((one) => this.#of(one));
    const [one, other] = values;
    const elements = this.#sets.get(String(operator));
    if (elements !== undefined) return elements.map(knownOf).includes(one as Known);
    const call = Object.hasOwn(calls, String(operator)) ? calls[String(operator)] : undefined;
    if (call === undefined) throw new Error(`there is no \`${String(operator)}\` here`);
    return call(values, one as never, other as never);
  }

  #symbol(text: string): Known {
    if (text.startsWith('"'))
      return text
        .slice(1, -1)
        .replace(/\\u\{([0-9a-f]+)\}/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)));
    if (/^\d+$/.test(text)) return BigInt(text);
    if (text === "true" || text === "false") return text === "true";
    const defined = this.#defined.get(text);
    const value = defined === undefined ? this.#read(text) : this.#of(defined);
    if (value === undefined) throw new Error(`nothing is said of \`${text}\``);
    return value;
  }

  #pattern(part: Part): RegExp {
    const source = (one: Part): string => {
      if (one === "re.all") return "[^]*";
      const [operator, ...parts] = one as readonly Part[];
      if (operator === "re.++") return parts.map(source).join("");
      if (operator !== "str.to_re") throw new Error(`there is no \`${String(operator)}\` here`);
      return (this.#of(parts[0] as Part) as string).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    };
    return new RegExp(`^${source(part)}$`, "u");
  }
}

const calls: { readonly [name: string]: (all: readonly Known[], one: never, other: never) => Known } = {
  and: (all) => all.every((one) => one === true),
  or: (all) => all.some((one) => one === true),
  not: (_, one: boolean) => !one,
  "=": (_, one: Known, other: Known) => one === other,
  "<": (_, one: bigint, other: bigint) => one < other,
  "<=": (_, one: bigint, other: bigint) => one <= other,
  "+": (_, one: bigint, other: bigint) => one + other,
  "*": (_, one: bigint, other: bigint) => one * other,
  "-": (all, one: bigint, other: bigint) => (all.length === 1 ? -one : one - other),
  div: (_, one: bigint, other: bigint) => (one - modulo(one, other)) / other,
  mod: (_, one: bigint, other: bigint) => modulo(one, other),
  "str.len": (_, one: string) => BigInt([...one].length),
  "str.prefixof": (_, one: string, other: string) => other.startsWith(one),
  "str.suffixof": (_, one: string, other: string) => other.endsWith(one),
  "str.contains": (_, one: string, other: string) => one.includes(other),
};

/** As SMT-LIB has it: never negative. */
function modulo(one: bigint, other: bigint): bigint {
  const rest = one % other;
  return rest < 0n ? rest + other : rest;
}

const known = new Map<string, readonly Part[]>();

/** The expressions of a text of SMT-LIB. */
function read(text: string): readonly Part[] {
  const before = known.get(text);
  if (before !== undefined) return before;
  const open: Part[][] = [[]];
  for (const [sign] of text.matchAll(/"[^"]*"|[()]|[^\s()"]+/g)) {
    if (sign === "(") open.push([]);
    else if (sign !== ")") open.at(-1)?.push(sign);
    else {
      const done = open.pop() ?? [];
      open.at(-1)?.push(done);
    }
  }
  const parts = open[0] ?? [];
  known.set(text, parts);
  return parts;
}
