import type { Formula } from "./term.ts";

/** More is left to a solver. */
const mostSteps = 2_000;

/**
 * Whether these statements cannot hold together, whatever their atoms mean: a search over the propositional structure
 * alone, which needs no solver. `false` says nothing.
 */
export function refute(statements: readonly Formula[]): boolean {
  const search = new Search();
  return search.refutes(statements.map((of) => ({ of, wanted: true })));
}

interface Wanted {
  readonly of: Formula;
  readonly wanted: boolean;
}

class Search {
  #steps = 0;
  readonly #values = new Map<number, boolean>();
  readonly #set: number[] = [];

  /** Whether no values of the atoms give all that is wanted; not proved where it takes too many steps. */
  refutes(all: readonly Wanted[]): boolean {
    const mark = this.#set.length;
    const choices = this.#propagate(all);
    const isRefuted = choices === undefined || this.#branch(choices);
    for (const id of this.#set.splice(mark)) this.#values.delete(id);
    return isRefuted;
  }

  #branch(choices: readonly (readonly Wanted[])[]): boolean {
    const [first, ...rest] = [...choices].sort((one, other) => one.length - other.length);
    if (first === undefined || ++this.#steps > mostSteps) return false;
    const others = rest.map((parts) => ({ parts }));
    return first.every((one) => this.refutes([one, ...others.map(({ parts }) => disjunction(parts))]));
  }

  /** Takes what must hold; leaves the choices that are still open, or nothing where it contradicts itself. */
  #propagate(all: readonly Wanted[]): readonly (readonly Wanted[])[] | undefined {
    const open = [...all];
    let choices: (readonly Wanted[])[] = [];
    for (;;) {
      for (let one = open.pop(); one !== undefined; one = open.pop()) {
        const { of, wanted } = one;
        const [inner = of] = of.of;
        if (of.op === "true" || of.op === "false") {
          if ((of.op === "true") !== wanted) return undefined;
        } else if (of.op === "not") open.push({ of: inner, wanted: !wanted });
        else if (of.op === "atom") {
          const before = this.#values.get(of.id);
          if (before === undefined) {
            this.#values.set(of.id, wanted);
            this.#set.push(of.id);
          } else if (before !== wanted) return undefined;
        } else if ((of.op === "and") === wanted) open.push(...of.of.map((part) => ({ of: part, wanted })));
        else choices.push(of.of.map((part) => ({ of: part, wanted })));
      }
      const left: (readonly Wanted[])[] = [];
      for (const parts of choices) {
        const told = parts.map((part) => this.#told(part));
        if (told.includes(true)) continue;
        const possible = parts.filter((_, at) => told[at] === undefined);
        const [only, ...more] = possible;
        if (only === undefined) return undefined;
        if (more.length === 0) open.push(only);
        else left.push(possible);
      }
      choices = left;
      if (open.length === 0) return choices;
    }
  }

  #told({ of, wanted }: Wanted): boolean | undefined {
    const [inner = of] = of.of;
    if (of.op === "not") return this.#told({ of: inner, wanted: !wanted });
    const value = of.op === "atom" ? this.#values.get(of.id) : undefined;
    return value === undefined ? undefined : value === wanted;
  }
}

/** Choices that are still open, as one statement again. */
function disjunction(parts: readonly Wanted[]): Wanted {
  const of = parts.map(({ of: one, wanted }) => (wanted ? one : { id: -1, op: "not" as const, of: [one], text: "" }));
  return { of: { id: -1, op: "or", of, text: "" }, wanted: true };
}
