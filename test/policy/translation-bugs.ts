import type { Patch } from "../faults/plant.ts";

/** A bug that the translation to SMT-LIB could have, as a change of its source text: the comparison must find each. */
export const translationBugs: readonly { readonly name: string; readonly patches: readonly Patch[] }[] = [
  bug(
    "smt: `&&` forgets a fault on its right",
    "translate.ts",
    "or(one.fault, and(one.is, other.fault)), and(one.is, other.is)",
    "one.fault, and(one.is, other.is)",
  ),
  bug(
    "smt: `||` meets the fault on the right of true",
    "translate.ts",
    "and(this.terms.not(one.is), other.fault)",
    "other.fault",
  ),
  bug("smt: `<` is `<=`", "term.ts", "integer(right - 1n)", "integer(right)"),
  bug(
    "smt: sums have no upper end",
    "translate.ts",
    "this.terms.or(this.terms.less(is, least), this.terms.less(most, is))",
    "this.terms.less(is, least)",
  ),
  bug(
    "smt: `containsAll` asks the wrong way round",
    "translate.ts",
    "this.sets.isSubset(part, whole)",
    "this.sets.isSubset(whole, part)",
  ),
  bug("smt: `unless` is `when`", "gate.ts", 'kind === "when" ? is : terms.not(is)', "is"),
  bug(
    "smt: quotients go down, not toward zero",
    "translate-extension.ts",
    "(ite (<= 0 ",
    "(ite (<= (- 999999999999999999999) ",
  ),
  bug(
    "smt: an entity is not in itself",
    "translate.ts",
    "this.sets.equalEntities(one, other),\n      ...this.world",
    "...this.world",
  ),
  bug(
    "smt: what is absent reads as something",
    "translate.ts",
    "member === undefined ? this.terms.yes : this.terms.not(member.present)",
    "member === undefined ? this.terms.yes : this.terms.no",
  ),
  bug(
    "smt: of what holds for all elements nothing is said",
    "sets.ts",
    "terms.implies(all, holds(element)) : terms.yes",
    "terms.yes : terms.yes",
  ),
  bug(
    "smt: what does not hold for all needs no witness",
    "sets.ts",
    "this.#known.push(terms.or(all, ",
    "this.#known.push(terms.or(terms.yes, ",
  ),
  bug(
    "smt: both branches may err",
    "translate.ts",
    "or(test.fault, and(test.is, one.fault), and(not, other.fault))",
    "or(test.fault, one.fault, other.fault)",
  ),
  bug("smt: the two ends of a pattern may overlap", "translate-pattern.ts", "ends.length === 2 ?", "ends.length > 2 ?"),
  bug(
    "smt: records with other members are equal",
    "sets.ts",
    "new Set([...one.names, ...other.names])",
    "new Set([...one.names])",
  ),
];

function bug(name: string, file: string, find: string, put: string) {
  return { name, patches: [{ file: `policy/prove/${file}`, swaps: [[find, put]] as const }] };
}
