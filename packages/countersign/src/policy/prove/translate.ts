import type { CedarValueJson, Expr } from "@cedar-policy/cedar-wasm/nodejs";
import { EvaluationFault } from "../cedar/fault.ts";
import { fromJson } from "../cedar/from-json.ts";
import { matcher } from "../cedar/pattern.ts";
import { pairs, Sets } from "./sets.ts";
import {
  type Choice,
  certain,
  constant,
  type EntitySymbol,
  faulty,
  type Member,
  merged,
  type NumberKind,
  type Plain,
  type RecordSymbol,
  type SetSymbol,
  type Symbolic,
} from "./symbol.ts";
import type { KnownEntity, SymbolicWorld } from "./symbolic-world.ts";
import { type Formula, int, str, type Term, Terms } from "./term.ts";
import { translateExtension } from "./translate-extension.ts";
import { translatePattern } from "./translate-pattern.ts";

type Both = { readonly left: Expr; readonly right: Expr };
type Pattern = Parameters<typeof matcher>[0];
type Make = (body: never) => Symbolic;

/** A value of a kind that an operator asks for, and where it is none of it. */
export interface Asked<What> {
  readonly fault: Formula;
  readonly is: What;
}

const least = int(-(2n ** 63n));
const most = int(2n ** 63n - 1n);

/** Says in SMT-LIB what expressions are in a world; an operator means what it means in `cedar/expression.ts`. */
export class Translation<World extends SymbolicWorld = SymbolicWorld> {
  readonly terms: Terms;
  readonly sets: Sets;
  readonly world: World;
  /** What was not modelled and taken for unknown instead, each time. */
  readonly unknown: string[] = [];

  constructor(world: (terms: Terms, sets: Sets) => World) {
    this.terms = new Terms();
    this.sets = new Sets(this.terms, (why) => this.free(why));
    this.world = world(this.terms, this.sets);
  }

  /** A statement of which nothing is known. */
  free(why: string): Formula {
    this.unknown.push(why);
    return this.terms.fresh();
  }

  of(expression: Expr): Symbolic {
    const [[operator, body]] = Object.entries(expression) as [[string, unknown]];
    const makers: { readonly [operator: string]: Make } = this.#makers;
    const make = Object.hasOwn(makers, operator) ? makers[operator] : undefined;
    if (make !== undefined) return make(body as never);
    return translateExtension(
      this,
      operator,
      (body as readonly Expr[]).map((one) => this.of(one)),
    );
  }

  readonly #makers = {
    Value: (json: CedarValueJson): Symbolic => this.#constant(json),
    Var: (name: "principal" | "action" | "resource" | "context"): Symbolic => certain(this.terms, this.world[name]),
    /** A policy that is no template has nothing in its slots. */
    Slot: (_name: string): Symbolic => faulty(this.terms),
    "!": ({ arg }: { readonly arg: Expr }): Symbolic => {
      const { fault, is } = this.bool(this.of(arg));
      return this.boolean(fault, this.terms.not(is));
    },
    neg: ({ arg }: { readonly arg: Expr }): Symbolic => {
      const { fault, is } = this.number("long", this.of(arg));
      return this.inRange("long", fault, arithmetic("-", int(0), is));
    },
    "&&": ({ left, right }: Both): Symbolic => {
      const one = this.bool(this.of(left));
      if (one.is.op === "false") return this.boolean(one.fault, this.terms.no);
      const other = this.bool(this.of(right));
      const { and, or } = this.terms;
      return this.boolean(or(one.fault, and(one.is, other.fault)), and(one.is, other.is));
    },
    "||": ({ left, right }: Both): Symbolic => {
      const one = this.bool(this.of(left));
      if (one.is.op === "true") return this.boolean(one.fault, this.terms.yes);
      const other = this.bool(this.of(right));
      const { and, or } = this.terms;
      return this.boolean(or(one.fault, and(this.terms.not(one.is), other.fault)), or(one.is, other.is));
    },
    "if-then-else": (body: { readonly if: Expr; readonly then: Expr; readonly else: Expr }): Symbolic => {
      const test = this.bool(this.of(body.if));
      const [one, other] = [this.of(body.then), this.of(body.else)];
      const { and, or } = this.terms;
      const not = this.terms.not(test.is);
      const choices = [
        ...one.choices.map(({ when, what }) => ({ when: and(test.is, when), what })),
        ...other.choices.map(({ when, what }) => ({ when: and(not, when), what })),
      ];
      return {
        fault: or(test.fault, and(test.is, one.fault), and(not, other.fault)),
        choices: merged(this.terms, choices),
      };
    },
    "==": (body: Both): Symbolic => this.#compareEqual(body, false),
    "!=": (body: Both): Symbolic => this.#compareEqual(body, true),
    "<": (body: Both): Symbolic => this.#order(body, (one, other) => this.terms.less(one, other)),
    "<=": (body: Both): Symbolic => this.#order(body, (one, other) => this.terms.lessEqual(one, other)),
    ">": (body: Both): Symbolic => this.#order(body, (one, other) => this.terms.less(other, one)),
    ">=": (body: Both): Symbolic => this.#order(body, (one, other) => this.terms.lessEqual(other, one)),
    "+": (body: Both): Symbolic => this.#calculate("+", body),
    "-": (body: Both): Symbolic => this.#calculate("-", body),
    "*": (body: Both): Symbolic => this.#calculate("*", body),
    in: ({ left, right }: Both): Symbolic => {
      const [one, other] = [this.of(left), this.of(right)];
      return this.#isIn(this.entities(one), other);
    },
    contains: (body: Both): Symbolic => {
      const [one, other] = [this.of(body.left), this.of(body.right)];
      return this.#overSets(one, this.terms.or(one.fault, other.fault), (set) => ({
        fault: this.terms.no,
        is: this.terms.or(...other.choices.map(({ when, what }) => this.terms.and(when, this.sets.has(set, what)))),
      }));
    },
    containsAll: (body: Both): Symbolic => this.#twoSets(body, (whole, part) => this.sets.isSubset(part, whole)),
    containsAny: (body: Both): Symbolic => this.#twoSets(body, (one, other) => this.sets.meet(one, other)),
    isEmpty: ({ arg }: { readonly arg: Expr }): Symbolic => {
      const one = this.of(arg);
      return this.#overSets(one, one.fault, (set) => ({ fault: this.terms.no, is: this.sets.isEmpty(set) }));
    },
    hasTag: ({ left, right }: Both): Symbolic => this.#tag(left, right, false),
    getTag: ({ left, right }: Both): Symbolic => this.#tag(left, right, true),
    ".": ({ left, attr }: { readonly left: Expr; readonly attr: string }): Symbolic => {
      const { and, or } = this.terms;
      const { fault, members, unknown } = this.#members(this.of(left));
      const faults = [fault, ...unknown.map(({ when, what }) => and(when, this.free(what.why)))];
      const choices: Choice[] = [...unknown];
      for (const { when, record } of members) {
        const member = record?.get(attr);
        faults.push(and(when, member === undefined ? this.terms.yes : this.terms.not(member.present)));
        if (member === undefined) continue;
        faults.push(and(when, member.value.fault));
        for (const one of member.value.choices) choices.push({ when: and(when, one.when), what: one.what });
      }
      return { fault: or(...faults), choices: merged(this.terms, choices) };
    },
    has: ({ left, attr }: { readonly left: Expr; readonly attr: string | readonly string[] }): Symbolic => {
      const one = this.of(left);
      const { fault, is } = this.#hasWay(one, typeof attr === "string" ? [attr] : attr);
      return this.boolean(fault, is);
    },
    like: ({ left, pattern }: { readonly left: Expr; readonly pattern: Pattern }): Symbolic => {
      const { fault, is } = this.text(this.of(left));
      if (typeof is.constant === "string")
        return this.boolean(fault, matcher(pattern)(is.constant) ? this.terms.yes : this.terms.no);
      return this.boolean(fault, this.terms.atom(translatePattern(is.text, pattern)));
    },
    is: (body: { readonly left: Expr; readonly entity_type: string; readonly in?: Expr }): Symbolic => {
      const { fault, is: all } = this.entities(this.of(body.left));
      const fitting = all.filter(({ what }) => what.kind === "unknown" || what.type === body.entity_type);
      const { and, or } = this.terms;
      const holds = or(
        ...fitting.map(({ when, what }) => (what.kind === "unknown" ? and(when, this.free(what.why)) : when)),
      );
      if (body.in === undefined) return this.boolean(fault, holds);
      const inside = this.bool(this.#isIn({ fault: this.terms.no, is: fitting }, this.of(body.in)));
      return this.boolean(or(fault, and(holds, inside.fault)), and(holds, inside.is));
    },
    Set: (items: readonly Expr[]): Symbolic => {
      const all = items.map((item) => this.of(item));
      return {
        fault: this.terms.or(...all.map((one) => one.fault)),
        choices: [{ when: this.terms.yes, what: { kind: "set", items: all.flatMap((one) => one.choices) } }],
      };
    },
    Record: (members: { readonly [name: string]: Expr }): Symbolic => {
      const all = new Map(Object.entries(members).map(([name, value]) => [name, this.of(value)]));
      const get = (name: string): Member | undefined => {
        const value = all.get(name);
        return value === undefined ? undefined : { present: this.terms.yes, value: { ...value, fault: this.terms.no } };
      };
      return {
        fault: this.terms.or(...[...all.values()].map((one) => one.fault)),
        choices: [{ when: this.terms.yes, what: { kind: "record", names: [...all.keys()], get } }],
      };
    },
  } satisfies { readonly [operator: string]: Make };

  boolean(fault: Formula, is: Formula): Symbolic {
    return { fault, choices: [{ when: this.terms.yes, what: { kind: "bool", is } }] };
  }

  bool(symbol: Symbolic): Asked<Formula> {
    const { and, or } = this.terms;
    const faults = [symbol.fault];
    const holds: Formula[] = [];
    for (const { when, what } of symbol.choices) {
      if (what.kind === "bool") holds.push(and(when, what.is));
      else if (what.kind === "unknown") {
        holds.push(and(when, this.free(what.why)));
        faults.push(and(when, this.free(what.why)));
      } else faults.push(when);
    }
    return { fault: or(...faults), is: or(...holds) };
  }

  number(kind: NumberKind, symbol: Symbolic): Asked<Term> {
    return this.#scalar(kind, symbol, int(0), () => ({ sort: "Int", text: this.terms.declare("Int") }));
  }

  text(symbol: Symbolic): Asked<Term> {
    return this.#scalar("string", symbol, str(""), () => ({ sort: "String", text: this.terms.declare("String") }));
  }

  entities(symbol: Symbolic): Asked<readonly EntityChoice[]> {
    const faults = [symbol.fault];
    const is: EntityChoice[] = [];
    for (const { when, what } of symbol.choices) {
      if (what.kind === "entity") is.push({ when, what });
      else if (what.kind === "unknown") {
        faults.push(this.terms.and(when, this.free(what.why)));
        is.push({ when, what });
      } else faults.push(when);
    }
    return { fault: this.terms.or(...faults), is };
  }

  /** A number that Cedar's 64 bits may not hold. */
  inRange(kind: NumberKind, fault: Formula, is: Term): Symbolic {
    const outside = this.terms.or(this.terms.less(is, least), this.terms.less(most, is));
    return { fault: this.terms.or(fault, outside), choices: [{ when: this.terms.yes, what: { kind, is } }] };
  }

  /** Whether an entity is another, or a member of it. */
  isWithin(one: EntitySymbol, other: EntitySymbol): Formula {
    const { and, or } = this.terms;
    return or(
      this.sets.equalEntities(one, other),
      ...this.world.entities.map((known) => and(this.sets.equalEntities(one, known.is), known.within(other))),
    );
  }

  #scalar(kind: NumberKind | "string", symbol: Symbolic, nothing: Term, any: () => Term): Asked<Term> {
    const faults = [symbol.fault];
    let is: Term | undefined;
    for (const { when, what } of symbol.choices) {
      const one = what.kind === "unknown" ? any() : what.kind === kind ? (what.is as Term) : undefined;
      if (what.kind === "unknown") faults.push(this.terms.and(when, this.free(what.why)));
      if (one === undefined) faults.push(when);
      else is = is === undefined ? one : this.terms.choose(when, one, is);
    }
    return { fault: this.terms.or(...faults), is: is ?? nothing };
  }

  #constant(json: CedarValueJson): Symbolic {
    try {
      return certain(this.terms, constant(this.terms, fromJson(json)));
    } catch (fault) {
      if (fault instanceof EvaluationFault) return faulty(this.terms);
      throw fault;
    }
  }

  #compareEqual({ left, right }: Both, isNot: boolean): Symbolic {
    const [one, other] = [this.of(left), this.of(right)];
    const { and, or } = this.terms;
    const same = or(
      ...pairs(one.choices, other.choices).map(([a, b]) => and(a.when, b.when, this.sets.equal(a.what, b.what))),
    );
    return this.boolean(or(one.fault, other.fault), isNot ? this.terms.not(same) : same);
  }

  #order({ left, right }: Both, holds: (one: Term, other: Term) => Formula): Symbolic {
    const [one, other] = [this.of(left), this.of(right)];
    const { and, or } = this.terms;
    const faults = [one.fault, other.fault];
    const parts: Formula[] = [];
    for (const [a, b] of pairs(one.choices, other.choices)) {
      const both = and(a.when, b.when);
      const [first, second] = [a.what, b.what];
      if (first.kind === "unknown" || second.kind === "unknown") {
        const why = first.kind === "unknown" ? first.why : (second as { readonly why: string }).why;
        parts.push(and(both, this.free(why)));
        faults.push(and(both, this.free(why)));
      } else if (isOrdered(first) && isOrdered(second) && first.kind === second.kind)
        parts.push(and(both, holds(first.is, second.is)));
      else faults.push(both);
    }
    return this.boolean(or(...faults), or(...parts));
  }

  #calculate(operator: "+" | "-" | "*", { left, right }: Both): Symbolic {
    const [one, other] = [this.number("long", this.of(left)), this.number("long", this.of(right))];
    const fault = this.terms.or(one.fault, other.fault);
    return this.inRange("long", fault, arithmetic(operator, one.is, other.is));
  }

  #isIn(who: Asked<readonly EntityChoice[]>, where: Symbolic): Symbolic {
    const { and, or } = this.terms;
    const faults = [who.fault, where.fault];
    const parts: Formula[] = [];
    const within = (when: Formula, other: EntitySymbol): void => {
      for (const one of who.is)
        parts.push(
          and(one.when, when, one.what.kind === "unknown" ? this.free(one.what.why) : this.isWithin(one.what, other)),
        );
    };
    for (const { when, what } of where.choices) {
      if (what.kind === "entity") within(when, what);
      else if (what.kind === "set" && "items" in what) {
        for (const item of what.items) {
          if (item.what.kind === "entity") within(and(when, item.when), item.what);
          else if (item.what.kind === "unknown") this.#anything(and(when, item.when), item.what.why, parts, faults);
          else faults.push(and(when, item.when));
        }
      } else if (what.kind === "set") {
        // A set of a solver's choice never holds entities: it is a fault as soon as it holds anything.
        faults.push(and(when, this.terms.not(this.sets.isEmpty(what))));
      } else if (what.kind === "unknown") this.#anything(when, what.why, parts, faults);
      else faults.push(when);
    }
    return this.boolean(or(...faults), or(...parts));
  }

  #anything(when: Formula, why: string, parts: Formula[], faults: Formula[]): void {
    parts.push(this.terms.and(when, this.free(why)));
    faults.push(this.terms.and(when, this.free(why)));
  }

  #overSets(symbol: Symbolic, fault: Formula, holds: (set: SetSymbol) => Asked<Formula>): Symbolic {
    const { and, or } = this.terms;
    const faults = [fault];
    const parts: Formula[] = [];
    for (const { when, what } of symbol.choices) {
      if (what.kind === "set") {
        const told = holds(what);
        parts.push(and(when, told.is));
        faults.push(and(when, told.fault));
      } else if (what.kind === "unknown") this.#anything(when, what.why, parts, faults);
      else faults.push(when);
    }
    return this.boolean(or(...faults), or(...parts));
  }

  #twoSets({ left, right }: Both, holds: (one: SetSymbol, other: SetSymbol) => Formula): Symbolic {
    const [one, other] = [this.of(left), this.of(right)];
    return this.#overSets(one, this.terms.or(one.fault, other.fault), (set) =>
      this.bool(this.#overSets(other, this.terms.no, (part) => ({ fault: this.terms.no, is: holds(set, part) }))),
    );
  }

  /** The records in which a value's members stand; none for an entity that nobody told of. */
  #members(symbol: Symbolic, of: "attributes" | "tags" = "attributes") {
    const { and } = this.terms;
    const faults = [symbol.fault];
    const members: { readonly when: Formula; readonly record: RecordSymbol | undefined }[] = [];
    const unknown: { readonly when: Formula; readonly what: Extract<Plain, { readonly kind: "unknown" }> }[] = [];
    for (const { when, what } of symbol.choices) {
      if (what.kind === "record" && of === "attributes") members.push({ when, record: what });
      else if (what.kind === "unknown") unknown.push({ when, what });
      else if (what.kind === "entity") {
        let nobody = when;
        for (const known of this.world.entities) {
          const same = this.sets.equalEntities(what, known.is);
          members.push({ when: and(when, same), record: recordOf(known, of) });
          nobody = and(nobody, this.terms.not(same));
        }
        members.push({ when: nobody, record: undefined });
      } else faults.push(when);
    }
    return { fault: this.terms.or(...faults), members: members.filter(({ when }) => when.op !== "false"), unknown };
  }

  #hasWay(symbol: Symbolic, way: readonly string[]): Asked<Formula> {
    const { and, or } = this.terms;
    const { fault, members, unknown } = this.#members(symbol);
    const [name = "", ...rest] = way;
    const faults = [fault];
    const parts: Formula[] = [];
    for (const { when, what } of unknown) this.#anything(when, what.why, parts, faults);
    for (const { when, record } of members) {
      const member = record?.get(name);
      if (member === undefined) continue;
      const there = and(when, member.present);
      if (rest.length === 0) {
        parts.push(there);
        continue;
      }
      const inner = this.#hasWay(member.value, rest);
      faults.push(and(there, inner.fault));
      parts.push(and(there, inner.is));
    }
    return { fault: or(...faults), is: or(...parts) };
  }

  #tag(left: Expr, right: Expr, isRead: boolean): Symbolic {
    const { and, or } = this.terms;
    const { fault, members, unknown } = this.#members(this.of(left), "tags");
    const name = this.text(this.of(right));
    const faults = [fault, name.fault];
    const there: Formula[] = [];
    const choices: Choice[] = [];
    for (const { when, what } of unknown) {
      this.#anything(when, what.why, there, faults);
      choices.push({ when, what });
    }
    for (const { when, record } of members) {
      const found: Formula[] = [];
      for (const tag of record?.names ?? []) {
        const member = record?.get(tag);
        if (member === undefined) continue;
        const same = and(when, member.present, this.terms.equal(name.is, str(tag)));
        found.push(same);
        if (isRead) faults.push(and(same, member.value.fault));
        for (const one of member.value.choices) choices.push({ when: and(same, one.when), what: one.what });
      }
      there.push(...found);
      if (isRead) faults.push(and(when, this.terms.not(or(...found))));
    }
    return isRead
      ? { fault: or(...faults), choices: merged(this.terms, choices) }
      : this.boolean(or(...faults), or(...there));
  }
}

export interface EntityChoice {
  readonly when: Formula;
  readonly what: EntitySymbol | Extract<Plain, { readonly kind: "unknown" }>;
}

function recordOf(known: KnownEntity, of: "attributes" | "tags"): RecordSymbol {
  return of === "tags" ? known.tags : known.attributes;
}

function isOrdered(what: Plain): what is Extract<Plain, { readonly kind: NumberKind }> {
  return what.kind === "long" || what.kind === "datetime" || what.kind === "duration";
}

export function arithmetic(operator: "+" | "-" | "*", one: Term, other: Term): Term {
  const [left, right] = [one.constant, other.constant];
  if (typeof left === "bigint" && typeof right === "bigint")
    return int(operator === "+" ? left + right : operator === "-" ? left - right : left * right);
  return { sort: "Int", text: `(${operator} ${one.text} ${other.text})` };
}
