import { canonical, type Json, type JsonObject } from "@countersign/contract";
import { fits, type GrantedCall, type GrantShape, type Loosened } from "./grant.ts";
import { below, isObject } from "./paths.ts";
import { quantiles } from "./queue.ts";

/** A request that people were asked about, as far as it says whether requests like it need them. */
export interface Past {
  readonly action: string;
  readonly atMs: number;
  /** Of the requests that are like it: `kindOf`. */
  readonly kind: string;
  readonly call: GrantedCall;
  /** People approved it by itself, it ran, and nothing speaks against it; open, or ended otherwise; or why it speaks against its class. */
  readonly was: "clean" | "open" | "no evidence" | { readonly against: string };
  readonly people: readonly string[];
  /** How long they looked, together; null where nobody measured. */
  readonly lookedMs: number | null;
  readonly waitedMs: number;
}

/** A class of requests that people approved again and again, and the narrowest grant that all of these would have fitted. */
export interface CleanClass {
  readonly of: Past;
  readonly shape: GrantShape;
  readonly clean: readonly Past[];
  /** Of the class, those that wait now. */
  readonly open: readonly Past[];
  /** The lower bound of the share that would be approved, by Wilson's score at 95 %. */
  readonly atLeast: number;
  /** How long people looked at all of these; where that was not measured, as long as at the median. */
  readonly lookedMs: number | null;
  readonly waitedMs: number;
}

/** One that was approved often enough, and is not proposed. */
export interface LeftClass {
  readonly of: Past;
  readonly clean: number;
  readonly because: string;
}

const mostLoosened = 10;
const mostOneOf = 5;
const z95 = 1.959964;

/**
 * Of what people were asked, the classes that may be granted beforehand. A request that speaks against calls like it counts
 * against every grant that it would have fitted, whatever its own difference looked like. Pure.
 */
export function cleanClasses(
  past: readonly Past[],
  least: number,
): { readonly clean: readonly CleanClass[]; readonly left: readonly LeftClass[] } {
  const clean: CleanClass[] = [];
  const left: LeftClass[] = [];
  for (const own of Map.groupBy(past, classOf).values()) {
    const good = own.filter(({ was }) => was === "clean").toSorted((one, other) => other.atMs - one.atMs);
    const [of] = good;
    if (of === undefined || good.length < least) continue;
    const leave = (because: string): unknown => left.push({ of, clean: good.length, because });
    const shape = shapeOf(good.map(({ call }) => call));
    const against = past.find((one) => isAgainst(one) && (own.includes(one) || covers(shape, of, one)));
    if (against !== undefined) leave(`${against.action} speaks against it: ${reasonOf(against)}`);
    else if (shape === undefined) leave("what these calls have in common is too little for a grant");
    else
      clean.push({
        of,
        shape,
        clean: good,
        open: own.filter(({ was }) => was === "open"),
        atLeast: lowerBound(good.length),
        lookedMs: lookedAll(good),
        waitedMs: good.reduce((sum, { waitedMs }) => sum + waitedMs, 0),
      });
  }
  return { clean: clean.toSorted((one, other) => other.clean.length - one.clean.length), left };
}

/** What a grant holds fixed, and what these calls are like. */
function classOf({ call, kind }: Past): string {
  const { agent, onBehalfOf = null, method, definition, tier, beyond = null } = call;
  return canonical({ kind, agent, onBehalfOf, method, definition, tier, beyond });
}

function isAgainst({ was }: Past): boolean {
  return typeof was === "object";
}

function reasonOf({ was }: Past): string {
  return typeof was === "object" ? was.against : was;
}

/** Whether the grant would have let this one through, were the tool still described as then and the agent of that tier. */
function covers(shape: GrantShape | undefined, { call: given }: Past, { call }: Past): boolean {
  const { definition, tier } = given;
  return shape !== undefined && fits(shape, given, { ...call, definition, tier });
}

/** Of so many approvals without one denial. */
function lowerBound(count: number): number {
  return count / (count + z95 * z95);
}

function lookedAll(clean: readonly Past[]): number | null {
  const known = clean.flatMap(({ lookedMs }) => lookedMs ?? []);
  const median = quantiles(known)?.p50;
  if (median === undefined) return null;
  return known.reduce((sum, one) => sum + one, 0) + median * (clean.length - known.length);
}

/** The narrowest shape that all of these calls fit; undefined where it would be too wide to be one. */
function shapeOf(calls: readonly GrantedCall[]): GrantShape | undefined {
  const loosened: { [pointer: string]: Loosened } = {};
  const isOne = loosen(
    calls.map(({ args }) => args),
    "",
    loosened,
  );
  if (!isOne || Object.keys(loosened).length > mostLoosened) return undefined;
  const targets = new Set(calls.map(({ target }) => target));
  return { target: targets.size === 1 ? "exact" : "class", arguments: loosened };
}

/** False where the calls differ as a whole. */
function loosen(values: readonly Json[], pointer: string, into: { [pointer: string]: Loosened }): boolean {
  const texts = new Set(values.map((one) => canonical(one)));
  if (texts.size === 1) return true;
  const lists = values.filter((one): one is readonly Json[] => Array.isArray(one));
  if (lists.length === values.length && lists.every((one) => one.length === lists[0]?.length))
    return (lists[0] ?? []).every((_, at) =>
      loosen(
        lists.map((one) => one[at] as Json),
        below(pointer, String(at)),
        into,
      ),
    );
  const records = values.filter(isObject);
  if (records.length === values.length && new Set(records.map(namesOf)).size === 1)
    return Object.keys(records[0] ?? {}).every((name) =>
      loosen(
        records.map((one) => one[name] as Json),
        below(pointer, name),
        into,
      ),
    );
  if (pointer === "") return false;
  into[pointer] = ruleOf(values, [...texts]);
  return true;
}

function namesOf(value: JsonObject): string {
  return canonical(Object.keys(value).toSorted());
}

function ruleOf(values: readonly Json[], texts: readonly string[]): Loosened {
  const numbers = values.filter((one) => typeof one === "number");
  if (numbers.length === values.length) return { atLeast: Math.min(...numbers), atMost: Math.max(...numbers) };
  if (texts.length <= mostOneOf) return { oneOf: texts.toSorted().map((text): Json => JSON.parse(text)) };
  return { any: true };
}
