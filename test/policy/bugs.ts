import type { Patch } from "../faults/plant.ts";

/** A bug that the evaluator could have, as a change of its source text: the comparison must find each. */
export const evaluatorBugs: readonly { readonly name: string; readonly patches: readonly Patch[] }[] = [
  bug("a loopback network is wider than its address", "ip.ts", "address === 1n && prefix === 128", "address === 1n"),
  bug(
    "a network holds a larger one",
    "ip.ts",
    "one.version !== other.version || one.prefix < other.prefix",
    "one.version !== other.version",
  ),
  bug("a length of a network may begin with a zero", "ip.ts", "(?:0|[1-9]\\d{0,2})", "\\d{1,3}"),
  bug(
    "adding overflows in silence",
    "long.ts",
    "if (value < least || value > most) throw",
    "if (value < least && value > most) throw",
  ),
  bug("quotients go down, not toward zero", "long.ts", "Math.trunc(value / divisor)", "Math.floor(value / divisor)"),
  bug(
    "the time of a day before 1970 is negative",
    "long.ts",
    "return rest < 0 ? rest + step : rest + 0;",
    "return rest;",
  ),
  bug(
    "`&&` asks the right side of false",
    "expression.ts",
    "return (world) => bool(one(world)) && bool(other(world));",
    "return (world) => { const [a, b] = [one(world), other(world)]; return bool(a) && bool(b); };",
  ),
  bug(
    "`||` takes what is no bool",
    "expression.ts",
    "return (world) => bool(one(world)) || bool(other(world));",
    "return (world) => bool(one(world)) || (other(world) as boolean);",
  ),
  bug("`<=` is `<`", "expression.ts", "compare((one, other) => one <= other)", "compare((one, other) => one < other)"),
  bug(
    "two equal records in other orders differ",
    "value.ts",
    "[...value.names()]\n        .sort()",
    "[...value.names()]",
  ),
  bug(
    "a set counts what stands in it twice",
    "value.ts",
    "[...value.keys()].sort().join()",
    "value.items.map(keyOf).sort().join()",
  ),
  bug("an entity is not in itself", "world.ts", "if (entity.is(ancestor)) return true;", ""),
  bug("only parents count, not theirs", "world.ts", "|| isAmong(this.ancestorsOf(entity), ancestor)", ""),
  bug(
    "`has` of a missing entity is a fault",
    "expression.ts",
    "if (members?.has(name) !== true) return false;",
    "if (members === undefined) throw new EvaluationFault('missing'); if (!members.has(name)) return false;",
  ),
  bug(
    "a pattern's end may overlap its middle",
    "pattern.ts",
    "text.length - last.length >= at && text.endsWith(last)",
    "text.endsWith(last)",
  ),
  bug("`unless` is `when`", "program.ts", 'wanted: kind === "when"', "wanted: true"),
  bug(
    "a scope of several actions asks the first",
    "program.ts",
    "constraint.entities.map(fixed)",
    "constraint.entities.slice(0, 1).map(fixed)",
  ),
  bug(
    "`is … in` forgets its `in`",
    "program.ts",
    "if (within === undefined) return [isOfType];",
    "if (within === undefined || name === 'principal') return [isOfType];",
  ),
  bug(
    "29 February comes every year",
    "moment.ts",
    "date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day",
    "day > 31",
  ),
  bug("an offset is added", "moment.ts", "datetimeOf(local - offsetMs)", "datetimeOf(local + offsetMs)"),
  bug("a decimal with one place is read as units", "decimal.ts", 'part.padEnd(4, "0")', "part"),
  bug(
    "a tag is an attribute",
    "expression.ts",
    "return world.tagsOf(who)?.has(name) === true;",
    "return world.attributesOf(who)?.has(name) === true;",
  ),
];

function bug(name: string, file: string, find: string, put: string) {
  return { name, patches: [{ file: `policy/cedar/${file}`, swaps: [[find, put]] as const }] };
}
