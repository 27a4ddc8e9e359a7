import type { Ip } from "../cedar/ip.ts";
import { isLong } from "../cedar/long.ts";
import { Entity, kindOf, type Value } from "../cedar/value.ts";
import { type Formula, int, str, type Term, type Terms } from "./term.ts";

/** A value of one kind, as far as it is known: a constant, or what a solver may choose. */
export type Plain =
  | { readonly kind: "bool"; readonly is: Formula }
  | { readonly kind: NumberKind; readonly is: Term }
  | { readonly kind: "string"; readonly is: Term }
  | EntitySymbol
  | { readonly kind: "ipaddr"; readonly is: Ip }
  | SetSymbol
  | RecordSymbol
  | Unknown;

export type NumberKind = "long" | "decimal" | "datetime" | "duration";

export interface EntitySymbol {
  readonly kind: "entity";
  readonly type: string;
  readonly id: Term;
}

/** Elements that are there where `when` holds; or a set of a solver's choice, by the name of its membership. */
export type SetSymbol =
  | { readonly kind: "set"; readonly items: readonly Choice[] }
  | { readonly kind: "set"; readonly name: string; readonly of: "string" | NumberKind };

export interface RecordSymbol {
  readonly kind: "record";
  readonly names: readonly string[];
  /** Undefined where the record never has it. */
  get(name: string): Member | undefined;
}

export interface Member {
  readonly present: Formula;
  readonly value: Symbolic;
}

/** A value that is not modelled: anything may be true of it. Sound for "never", and said where it mattered. */
export interface Unknown {
  readonly kind: "unknown";
  readonly why: string;
}

export interface Choice {
  readonly when: Formula;
  readonly what: Plain;
}

/** What an expression can be. Where `fault` does not hold, exactly one choice does. */
export interface Symbolic {
  readonly fault: Formula;
  readonly choices: readonly Choice[];
}

export function certain(terms: Terms, what: Plain): Symbolic {
  return { fault: terms.no, choices: [{ when: terms.yes, what }] };
}

/** What stands in a member that is there for certain. */
export function sure<What extends Plain>(record: RecordSymbol, name: string): What {
  const { value } = record.get(name) as Member;
  const [choice] = value.choices as readonly [Choice];
  return choice.what as What;
}

export function faulty(terms: Terms): Symbolic {
  return { fault: terms.yes, choices: [] };
}

export function constant(terms: Terms, value: Value): Plain {
  if (typeof value === "string") return { kind: "string", is: str(value) };
  if (typeof value === "boolean") return { kind: "bool", is: value ? terms.yes : terms.no };
  if (isLong(value)) return { kind: "long", is: int(value) };
  if (value instanceof Entity) return { kind: "entity", type: value.type, id: str(value.id) };
  switch (value.kind) {
    case "set":
      return { kind: "set", items: value.items.map((item) => ({ when: terms.yes, what: constant(terms, item) })) };
    case "record": {
      const get = (name: string): Member | undefined => {
        const member = value.get(name);
        return member === undefined
          ? undefined
          : { present: terms.yes, value: certain(terms, constant(terms, member)) };
      };
      return { kind: "record", names: value.names(), get };
    }
    case "decimal":
      return { kind: "decimal", is: int(value.units) };
    case "datetime":
    case "duration":
      return { kind: value.kind, is: int(value.ms) };
    case "ipaddr":
      return { kind: "ipaddr", is: value };
    default:
      throw new Error(`a constant of kind ${kindOf(value)} is not known here`);
  }
}

/** Choices of one scalar kind as one: formulas stay small where conditions branch. */
export function merged(terms: Terms, choices: readonly Choice[]): readonly Choice[] {
  const result: Choice[] = [];
  for (const choice of choices) {
    if (choice.when.op === "false") continue;
    const at = result.findIndex(({ what }) => joins(what, choice.what));
    const before = result[at];
    if (before === undefined) result.push(choice);
    else result[at] = { when: terms.or(before.when, choice.when), what: joined(terms, choice, before.what) };
  }
  return result;
}

function joins(one: Plain, other: Plain): boolean {
  if (one.kind !== other.kind) return false;
  return one.kind === "entity" ? one.type === (other as typeof one).type : scalar.has(one.kind);
}

const scalar: ReadonlySet<string> = new Set(["bool", "string", "long", "decimal", "datetime", "duration"]);

/** Of two that `joins`. */
function joined(terms: Terms, { when, what }: Choice, other: Plain): Plain {
  if (what.kind === "bool") return { kind: "bool", is: terms.ifElse(when, what.is, (other as typeof what).is) };
  if (what.kind === "entity") return { ...what, id: terms.choose(when, what.id, (other as typeof what).id) };
  const [one, two] = [what, other] as unknown as readonly [Numeral, Numeral];
  return { kind: one.kind, is: terms.choose(when, one.is, two.is) } as Plain;
}

interface Numeral {
  readonly kind: NumberKind | "string";
  readonly is: Term;
}
