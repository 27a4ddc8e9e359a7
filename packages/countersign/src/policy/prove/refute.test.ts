import { expect, it } from "vitest";
import { refute } from "./refute.ts";
import { type Formula, int, type Term, Terms } from "./term.ts";

/** All values of a few atoms, tried one after another. */
function canHold(statement: Formula, atoms: readonly Formula[], values = new Map<number, boolean>()): boolean {
  const [first, ...rest] = atoms;
  if (first === undefined) return holds(statement, values);
  return [true, false].some((value) => canHold(statement, rest, new Map([...values, [first.id, value]])));
}

function holds({ op, of, id }: Formula, values: ReadonlyMap<number, boolean>): boolean {
  if (op === "true" || op === "false") return op === "true";
  if (op === "atom") return values.get(id) === true;
  if (op === "not") return !of.every((one) => holds(one, values));
  return op === "and" ? of.every((one) => holds(one, values)) : of.some((one) => holds(one, values));
}

it("refutes what no values of the atoms give, and nothing else", () => {
  let seed = 1;
  const below = (count: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % count;
  };
  const counted = { refuted: 0, open: 0 };
  for (let round = 0; round < 3_000; round++) {
    const terms = new Terms();
    const atoms = Array.from({ length: 5 }, () => terms.fresh());
    const make = (depth: number): Formula => {
      if (depth === 0) return atoms[below(5)] ?? terms.yes;
      const parts = Array.from({ length: 2 + below(2) }, () => make(depth - 1));
      const [first = terms.no] = parts;
      const kind = below(5);
      if (kind === 0) return terms.not(first);
      return kind < 3 ? terms.and(...parts) : terms.or(...parts);
    };
    const all = Array.from({ length: 4 }, () => make(1 + below(3)));
    const isPossible = canHold(terms.and(...all), atoms);
    expect(refute(all)).toBe(!isPossible);
    counted[isPossible ? "open" : "refuted"]++;
  }
  expect(Math.min(counted.open, counted.refuted)).toBeGreaterThan(100);
});

it("knows one comparison in all the ways that it can be written", () => {
  const terms = new Terms();
  const tier: Term = { sort: "Int", text: terms.declare("Int") };
  const below = terms.less(tier, int(2));
  expect(terms.lessEqual(tier, int(1))).toBe(below);
  expect(terms.not(terms.lessEqual(int(2), tier))).toBe(below);
  expect(terms.not(terms.less(int(1), tier))).toBe(below);
  expect(refute([below, terms.less(int(1), tier)])).toBe(true);
  expect(refute([below])).toBe(false);
});

it("looks at the narrowest choice first, so that what is wide and does not matter costs nothing", () => {
  const terms = new Terms();
  const wide = Array.from({ length: 40 }, () => terms.or(terms.fresh(), terms.fresh(), terms.fresh()));
  const [a, b] = [terms.fresh(), terms.fresh()];
  const core = [true, false].flatMap((one) =>
    [true, false].map((other) => terms.or(one ? a : terms.not(a), other ? b : terms.not(b))),
  );
  expect(refute([...core, ...wide])).toBe(true);
  expect(refute([...wide, ...core])).toBe(true);
  expect(refute([...wide, ...core.slice(1)])).toBe(false);
});

it("takes two thousand steps, and not one more", () => {
  const terms = new Terms();
  const signs = (atoms: readonly Formula[]): readonly Formula[][] =>
    atoms.reduce<readonly Formula[][]>(
      (all, atom) =>
        all.flatMap((one) => [
          [...one, atom],
          [...one, terms.not(atom)],
        ]),
      [[]],
    );
  /** Nothing holds every way of choosing signs for some atoms: one step for two of them, four for three. */
  const core = (count: number) => {
    const atoms = Array.from({ length: count }, () => terms.fresh());
    return signs(atoms).map((one) => terms.or(...one));
  };
  /** A core of three behind so many choices of two, each of which is tried both ways: 5 * 2 ** choices - 1 steps. */
  const behind = (choices: number) =>
    terms.and(...Array.from({ length: choices }, () => terms.or(terms.fresh(), terms.fresh())), ...core(3));
  const short = () => terms.and(...core(2));
  expect(refute([behind(8)])).toBe(true);
  expect(refute([behind(9)])).toBe(false);
  // One step for the choice between all of these, and the steps of each: 1 + 1279 + 639 + 79 + 1 + 1.
  const all = [behind(8), behind(7), behind(4), short(), short()];
  expect(refute([terms.or(...all)])).toBe(true);
  expect(refute([terms.or(...all, short())])).toBe(false);
});

it("gives up on what takes too many steps, and proves nothing then", () => {
  const terms = new Terms();
  // As many as fit into one place less: every way has to be tried.
  const holes = 8;
  const sits = Array.from({ length: holes + 1 }, () => Array.from({ length: holes }, () => terms.fresh()));
  const everybody = sits.map((places) => terms.or(...places));
  const nobodyTwice = sits.flatMap((one, at) =>
    sits
      .slice(at + 1)
      .flatMap((other) => one.map((place, hole) => terms.or(terms.not(place), terms.not(other[hole] ?? terms.no)))),
  );
  const started = performance.now();
  expect(refute([...everybody, ...nobodyTwice])).toBe(false);
  expect(performance.now() - started).toBeLessThan(20_000);
});
