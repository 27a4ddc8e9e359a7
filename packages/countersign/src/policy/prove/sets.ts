import type { Choice, EntitySymbol, Plain, RecordSymbol, SetSymbol } from "./symbol.ts";
import type { Formula, Term, Terms } from "./term.ts";

type Named = Extract<SetSymbol, { readonly name: string }>;

/**
 * Sets of a solver's choice are predicates. What is said of all elements is said of every element that is asked about
 * anywhere, and of a witness where it is denied: enough for any finite set, and no quantifier.
 */
export class Sets {
  readonly #terms: Terms;
  readonly #probes = new Map<string, Plain>();
  readonly #forAll: ((element: Plain) => Formula)[] = [];
  readonly #known: Formula[] = [];
  readonly #unknown: (why: string) => Formula;

  constructor(terms: Terms, unknown: (why: string) => Formula) {
    this.#terms = terms;
    this.#unknown = unknown;
  }

  /** Every element that some set was asked about. */
  get probes(): Iterable<Plain> {
    return this.#probes.values();
  }

  /** A statement about every element of every set; `facts` says it of those that are asked about. */
  forAll(holds: (element: Plain) => Formula): void {
    this.#forAll.push(holds);
  }

  /** What holds of the sets; call it when everything has been translated. */
  facts(): readonly Formula[] {
    const facts: Formula[] = [];
    // Asking may bring in new elements and new statements: go on until both are settled.
    const done = new Set<string>();
    for (let isNew = true; isNew; ) {
      isNew = false;
      for (const [key, probe] of [...this.#probes])
        for (const [at, holds] of [...this.#forAll].entries()) {
          if (done.has(`${at} ${key}`)) continue;
          done.add(`${at} ${key}`);
          facts.push(holds(probe));
          isNew = true;
        }
    }
    return [...facts, ...this.#known];
  }

  has(set: SetSymbol, element: Plain): Formula {
    const { and, or } = this.#terms;
    if (element.kind === "unknown") return this.#unknown(element.why);
    if ("items" in set) return or(...set.items.map(({ when, what }) => and(when, this.equal(what, element))));
    if (element.kind !== set.of) return this.#terms.no;
    const { text } = (element as { readonly is: Term }).is;
    this.#probes.set(`${element.kind} ${text}`, element);
    return this.#terms.atom(`(${set.name} ${text})`);
  }

  isEmpty(set: SetSymbol): Formula {
    if ("items" in set) return this.#terms.not(this.#terms.or(...set.items.map(({ when }) => when)));
    return this.#relation(set, (element) => this.#terms.not(this.has(set, element)));
  }

  /** Whether `whole` has every element of `part`. */
  isSubset(part: SetSymbol, whole: SetSymbol): Formula {
    const terms = this.#terms;
    if ("items" in part)
      return terms.and(...part.items.map(({ when, what }) => terms.implies(when, this.has(whole, what))));
    return this.#relation(part, (element) => terms.implies(this.has(part, element), this.has(whole, element)));
  }

  meet(one: SetSymbol, other: SetSymbol): Formula {
    const terms = this.#terms;
    const { and, or } = terms;
    if ("items" in one) return or(...one.items.map(({ when, what }) => and(when, this.has(other, what))));
    if ("items" in other) return this.meet(other, one);
    return terms.not(
      this.#relation(one, (element) => terms.not(and(this.has(one, element), this.has(other, element)))),
    );
  }

  /** Values of different kinds are never equal. */
  equal(one: Plain, other: Plain): Formula {
    const terms = this.#terms;
    if (one.kind === "unknown") return this.#unknown(one.why);
    if (other.kind === "unknown") return this.#unknown(other.why);
    if (one.kind === "bool") return other.kind === "bool" ? terms.iff(one.is, other.is) : terms.no;
    if (one.kind === "set")
      return other.kind === "set" ? terms.and(this.isSubset(one, other), this.isSubset(other, one)) : terms.no;
    if (one.kind === "record") return other.kind === "record" ? this.#equalRecords(one, other) : terms.no;
    if (one.kind === "entity") return other.kind === "entity" ? this.equalEntities(one, other) : terms.no;
    if (one.kind === "ipaddr") return other.kind === "ipaddr" && one.is.key === other.is.key ? terms.yes : terms.no;
    return one.kind === other.kind ? terms.equal(one.is, (other as typeof one).is) : terms.no;
  }

  equalEntities(one: EntitySymbol, other: EntitySymbol): Formula {
    return one.type === other.type ? this.#terms.equal(one.id, other.id) : this.#terms.no;
  }

  #equalRecords(one: RecordSymbol, other: RecordSymbol): Formula {
    const terms = this.#terms;
    const { and, or } = terms;
    const names = new Set([...one.names, ...other.names]);
    return and(
      ...[...names].map((name) => {
        const [left, right] = [one.get(name), other.get(name)];
        const [has, hasToo] = [left?.present ?? terms.no, right?.present ?? terms.no];
        const same = and(
          has,
          hasToo,
          or(
            ...pairs(left?.value.choices ?? [], right?.value.choices ?? []).map(([a, b]) =>
              and(a.when, b.when, this.equal(a.what, b.what)),
            ),
          ),
        );
        return or(and(terms.not(has), terms.not(hasToo)), same);
      }),
    );
  }

  /** A statement that holds exactly where `holds` does for every element of the set. */
  #relation(set: Named, holds: (element: Plain) => Formula): Formula {
    const terms = this.#terms;
    const all = terms.fresh();
    const sort = set.of === "string" ? "String" : "Int";
    const witness = { kind: set.of, is: { sort, text: terms.declare(sort) } } as Plain;
    this.#known.push(terms.or(all, terms.and(this.has(set, witness), terms.not(holds(witness)))));
    this.#forAll.push((element) => (element.kind === set.of ? terms.implies(all, holds(element)) : terms.yes));
    return all;
  }
}

export function pairs(one: readonly Choice[], other: readonly Choice[]): (readonly [Choice, Choice])[] {
  return one.flatMap((left) => other.map((right) => [left, right] as const));
}
