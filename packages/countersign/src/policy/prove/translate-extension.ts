import { datetimeOf, durationOf } from "../cedar/extension.ts";
import { EvaluationFault } from "../cedar/fault.ts";
import { extensionFunctions } from "../cedar/functions.ts";
import { toLong } from "../cedar/long.ts";
import type { Value } from "../cedar/value.ts";
import { certain, constant, faulty, type NumberKind, type Plain, type Symbolic } from "./symbol.ts";
import { type Formula, int, type Term } from "./term.ts";
import { arithmetic, type Translation } from "./translate.ts";

const dayMs = 86_400_000;
const divisors = { toMilliseconds: 1, toSeconds: 1_000, toMinutes: 60_000, toHours: 3_600_000, toDays: dayMs } as const;

/** An extension function: exact on constants, on numbers of all kinds, and unknown on texts that are not known. */
export function translateExtension(translation: Translation, name: string, args: readonly Symbolic[]): Symbolic {
  const { terms } = translation;
  const known = extensionFunctions.get(name);
  const [first, second] = args;
  if (known === undefined || first === undefined || known.arity !== args.length)
    throw new EvaluationFault(`there is no operator \`${name}\` here`);
  const fault = terms.or(...args.map((one) => one.fault));
  const constants = args.map(constantOf);
  const [one, other] = constants;
  if (one !== undefined && (second === undefined || other !== undefined)) {
    const made = called(() => known.call(one, other ?? false));
    if (made === undefined) return faulty(terms);
    return { ...certain(terms, constant(terms, made)), fault };
  }
  const number = (kind: NumberKind, symbol: Symbolic) => translation.number(kind, symbol);
  const join = (...all: readonly Formula[]) => terms.or(...all);
  switch (name) {
    case "lessThan":
    case "lessThanOrEqual":
    case "greaterThan":
    case "greaterThanOrEqual": {
      const [left, right] = [number("decimal", first), number("decimal", second ?? first)];
      const [low, high] = name.startsWith("less") ? [left.is, right.is] : [right.is, left.is];
      const holds = name.endsWith("OrEqual") ? terms.lessEqual(low, high) : terms.less(low, high);
      return translation.boolean(join(left.fault, right.fault), holds);
    }
    case "offset": {
      const [when, by] = [number("datetime", first), number("duration", second ?? first)];
      return translation.inRange("datetime", join(when.fault, by.fault), arithmetic("+", when.is, by.is));
    }
    case "durationSince": {
      const [when, from] = [number("datetime", first), number("datetime", second ?? first)];
      return translation.inRange("duration", join(when.fault, from.fault), arithmetic("-", when.is, from.is));
    }
    case "toDate": {
      const when = number("datetime", first);
      return translation.inRange("datetime", when.fault, arithmetic("-", when.is, remainder(when.is)));
    }
    case "toTime": {
      const when = number("datetime", first);
      return translation.inRange("duration", when.fault, remainder(when.is));
    }
    case "toMilliseconds":
    case "toSeconds":
    case "toMinutes":
    case "toHours":
    case "toDays": {
      const { fault: wrong, is } = number("duration", first);
      return translation.inRange("long", wrong, quotient(is, divisors[name]));
    }
    default: {
      const why = `\`${name}\` of what is not known beforehand`;
      return {
        fault: join(fault, translation.free(why)),
        choices: [{ when: terms.yes, what: { kind: "unknown", why } }],
      };
    }
  }
}

/** Toward zero, which SMT-LIB's `div` is not. */
function quotient(value: Term, divisor: number): Term {
  if (divisor === 1) return value;
  const { text } = value;
  return { sort: "Int", text: `(ite (<= 0 ${text}) (div ${text} ${divisor}) (- (div (- ${text}) ${divisor})))` };
}

/** From 0 to below a day, whatever the sign. */
function remainder(value: Term): Term {
  return { sort: "Int", text: `(mod ${value.text} ${int(dayMs).text})` };
}

function called(call: () => Value): Value | undefined {
  try {
    return call();
  } catch (thrown) {
    if (thrown instanceof EvaluationFault) return undefined;
    throw thrown;
  }
}

/** The value of a symbol that is certain and constant. */
function constantOf({ choices }: Symbolic): Value | undefined {
  const [only, ...more] = choices;
  return only === undefined || more.length > 0 || only.when.op !== "true" ? undefined : plainValue(only.what);
}

function plainValue(what: Plain): Value | undefined {
  if (what.kind === "ipaddr") return what.is;
  if (what.kind === "bool") return what.is.op === "true" ? true : what.is.op === "false" ? false : undefined;
  if (!("is" in what)) return undefined;
  const value = what.is.constant;
  if (value === undefined) return undefined;
  if (typeof value === "string") return value;
  switch (what.kind) {
    case "long":
      return toLong(value);
    case "decimal":
      return { kind: "decimal", key: `${value}`, units: value };
    case "datetime":
      return datetimeOf(toLong(value));
    case "duration":
      return durationOf(toLong(value));
    default:
      return undefined;
  }
}
