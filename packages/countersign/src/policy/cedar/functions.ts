import { parseDecimal } from "./decimal.ts";
import { type Datetime, type Decimal, type Duration, datetimeOf, durationOf } from "./extension.ts";
import { EvaluationFault, typeFault } from "./fault.ts";
import { type Ip, isInRange, isLoopback, isMulticast, parseIp } from "./ip.ts";
import { add, divide, floorTo, remainder, subtract } from "./long.ts";
import { parseDatetime, parseDuration } from "./moment.ts";
import { kindOf, type Value } from "./value.ts";

const dayMs = 86_400_000;

/** An extension function with the number of its arguments. */
interface ExtensionFunction {
  readonly arity: 1 | 2;
  call(one: Value, other: Value): Value;
}

function text(value: Value): string {
  if (typeof value !== "string") throw typeFault("string", kindOf(value));
  return value;
}

function of<Kind extends "ipaddr" | "decimal" | "datetime" | "duration">(kind: Kind) {
  return (value: Value): Extract<Ip | Decimal | Datetime | Duration, { readonly kind: Kind }> => {
    if (typeof value !== "object" || !("kind" in value) || value.kind !== kind) throw typeFault(kind, kindOf(value));
    return value as never;
  };
}

const [ip, decimal, datetime, duration] = [of("ipaddr"), of("decimal"), of("datetime"), of("duration")];

const one = (call: (value: Value) => Value): ExtensionFunction => ({ arity: 1, call });
const two = (call: (value: Value, other: Value) => Value): ExtensionFunction => ({ arity: 2, call });

/** Every extension function of Cedar, by the name that stands in a policy. */
export const extensionFunctions: ReadonlyMap<string, ExtensionFunction> = new Map(
  Object.entries({
    ip: one((value) => parseIp(text(value))),
    isIpv4: one((value) => ip(value).version === 4),
    isIpv6: one((value) => ip(value).version === 6),
    isLoopback: one((value) => isLoopback(ip(value))),
    isMulticast: one((value) => isMulticast(ip(value))),
    isInRange: two((value, range) => isInRange(ip(value), ip(range))),
    decimal: one((value) => parseDecimal(text(value))),
    lessThan: two((value, other) => decimal(value).units < decimal(other).units),
    lessThanOrEqual: two((value, other) => decimal(value).units <= decimal(other).units),
    greaterThan: two((value, other) => decimal(value).units > decimal(other).units),
    greaterThanOrEqual: two((value, other) => decimal(value).units >= decimal(other).units),
    datetime: one((value) => parseDatetime(text(value))),
    duration: one((value) => parseDuration(text(value))),
    offset: two((value, by) => datetimeOf(add(datetime(value).ms, duration(by).ms))),
    durationSince: two((value, from) => durationOf(subtract(datetime(value).ms, datetime(from).ms))),
    toDate: one((value) => datetimeOf(floorTo(datetime(value).ms, dayMs))),
    toTime: one((value) => durationOf(remainder(datetime(value).ms, dayMs))),
    toMilliseconds: one((value) => duration(value).ms),
    toSeconds: one((value) => divide(duration(value).ms, 1_000)),
    toMinutes: one((value) => divide(duration(value).ms, 60_000)),
    toHours: one((value) => divide(duration(value).ms, 3_600_000)),
    toDays: one((value) => divide(duration(value).ms, dayMs)),
  }),
);

/** Calls by name, for values that are written as `{ "__extn": … }`. */
export function callExtension(name: string, args: readonly Value[]): Value {
  const known = extensionFunctions.get(name);
  const [first, second = false] = args;
  if (known === undefined || first === undefined || known.arity !== args.length)
    throw new EvaluationFault(`there is no function \`${name}\` of ${args.length} arguments`);
  return known.call(first, second);
}
