import type { Expr } from "@cedar-policy/cedar-wasm/nodejs";
import type { Random } from "./random.ts";

/** One operator over what a request holds, as a whole condition: a random tree seldom shows what it does by itself. */
export function oneOperator(random: Random): Expr {
  const read = (name: string): Expr => ({
    ".": { left: { Var: random.pick(["context", "context", "principal"]) }, attr: name },
  });
  const usual = (name: string): Expr => read(random.chance(0.9) ? name : random.pick(["b", "n", "s", "e", "set", "r"]));
  const sets = (): Expr =>
    random.pick([usual("set"), { Set: [usual("n"), usual("n")] }, { Set: [usual("s")] }, { Value: [] }]);
  const both = (make: () => Expr) => ({ left: make(), right: make() });
  const long = (): Expr => random.pick<Expr>([usual("n"), usual("n"), { Value: random.pick([0, -1, 1, 2 ** 53 - 1]) }]);
  const big = (): Expr => random.pick<Expr>([long(), { "*": both(() => usual("n")) }]);
  const entity = (): Expr => random.pick<Expr>([usual("e"), { Var: random.pick(["principal", "resource", "action"]) }]);
  const call = (name: string, ...args: Expr[]): Expr => ({ [name]: args }) as unknown as Expr;
  const time = (): Expr => random.pick([usual("t"), call("offset", usual("t"), usual("l"))]);
  const span = (): Expr =>
    random.pick([usual("l"), call("durationSince", usual("t"), usual("t")), call("toTime", usual("t"))]);
  const units = ["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toHours", "toDays", "toDays"] as const;
  return random.pick<() => Expr>([
    () => ({ "||": { left: usual("b"), right: random.pick([usual("b"), usual("n")]) } }),
    () => ({ "&&": { left: usual("b"), right: random.pick([usual("b"), usual("n")]) } }),
    // biome-ignore lint/suspicious/noThenProperty: Cedar's own name for it; nobody awaits a syntax tree
    () => ({ "if-then-else": { if: usual("b"), then: usual("b"), else: random.pick([usual("b"), usual("s")]) } }),
    () => ({ [random.pick(["<", "<=", ">", ">="])]: both(long) }) as unknown as Expr,
    () => ({ [random.pick(["<", "<=", ">", ">="])]: both(() => random.pick([time(), span()])) }) as unknown as Expr,
    () => ({ "<": { left: { [random.pick(["+", "-", "*"])]: both(big) } as unknown as Expr, right: long() } }),
    () => ({
      "==": { left: call(random.pick(units), usual("l")), right: { Value: random.pick([0, -1, 1]) } },
    }),
    () => ({ "<": { left: call("toDate", usual("t")), right: usual("t") } }),
    () => ({ containsAll: both(sets) }),
    () => ({ containsAny: both(sets) }),
    () => ({ contains: { left: sets(), right: random.pick([usual("n"), usual("s")]) } }),
    () => ({ isEmpty: { arg: sets() } }),
    () => ({ "==": both(random.pick([sets, () => usual("r"), entity])) }),
    () => ({
      "==": {
        left: { Record: random.chance(0.5) ? { n: usual("n") } : {} },
        right: { Record: { n: usual("n"), ...(random.chance(0.5) ? { s: usual("s") } : {}) } },
      },
    }),
    () => ({ in: { left: entity(), right: random.pick<Expr>([entity(), { Set: [entity(), entity()] }]) } }),
    () => ({ has: { left: usual("r"), attr: random.pick(["n", "s", "zz"]) } }),
    () => ({
      like: {
        left: usual("s"),
        pattern: random.some(4, () =>
          random.pick(["Wildcard" as const, { Literal: "a" }, { Literal: "ab" }, { Literal: "b" }]),
        ),
      },
    }),
    // The two ends of a pattern, which may not overlap in a text that is short.
    () => ({
      like: {
        left: usual("s"),
        pattern: [{ Literal: random.pick(["a", "ab"]) }, "Wildcard", { Literal: random.pick(["a", "b", "ab"]) }],
      },
    }),
    () => call(random.pick(["lessThan", "greaterThanOrEqual"]), usual("d"), usual("d")),
  ])();
}
