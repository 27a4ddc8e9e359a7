import type { Json, JsonObject } from "@countersign/contract";
import { look } from "../template.ts";
import { email } from "./email.ts";
import { kubernetes } from "./kubernetes.ts";
import { money } from "./money.ts";
import { path } from "./path.ts";
import { type Normaliser, type NormaliserOptions, Unclean, uncleanMember } from "./shape.ts";
import { sql } from "./sql.ts";
import { terraform } from "./terraform.ts";
import { url } from "./url.ts";
import type { NormaliserName, Wanted } from "./wanted.ts";

/** The closed list. */
export const normalisers: { readonly [name in NormaliserName]: Normaliser } = {
  email,
  url,
  path,
  money,
  sql,
  kubernetes,
  terraform,
};

/**
 * The normalised values of the arguments that are there, by name. One that is not clean is there as the reason:
 * a policy that reads it must not take it for absent.
 */
export function normalise(
  wanted: { readonly [name: string]: Wanted },
  args: JsonObject,
  base: string | undefined,
): JsonObject {
  const found: [string, Json][] = [];
  for (const [name, want] of Object.entries(wanted)) {
    const value = valueAt(want.from ?? name, args);
    if (value !== undefined)
      found.push([name, value === gap ? unclean("it lacks a part") : one(want, value, args, base)]);
  }
  return Object.fromEntries(found);
}

const gap = Symbol("gap");

/** Undefined where the argument is absent or null; `gap` where it is there and the place in it is not. */
function valueAt(place: string, args: JsonObject): Json | typeof gap | undefined {
  const [root = ""] = place.split(".");
  const outer = Object.hasOwn(args, root) ? args[root] : undefined;
  if (outer === undefined || outer === null) return undefined;
  return look({ args }, `args.${place}`) ?? gap;
}

function one(want: Wanted, value: Json, args: JsonObject, base: string | undefined): JsonObject {
  try {
    return normalisers[want.as].read(value, optionsOf(want, args, base));
  } catch (thrown) {
    // Whatever else ends a normaliser, such as a stack that is full, has read nothing.
    return unclean(thrown instanceof Unclean ? thrown.message : "it cannot be read");
  }
}

function unclean(reason: string): JsonObject {
  return { [uncleanMember]: reason };
}

function optionsOf(want: Wanted, args: JsonObject, base: string | undefined): NormaliserOptions {
  const { unit, currency, currencyFrom } = want;
  const beside = currencyFrom === undefined ? undefined : valueAt(currencyFrom, args);
  if (currencyFrom !== undefined && typeof beside !== "string") throw new Unclean("its currency is not said");
  const code = typeof beside === "string" ? beside.toUpperCase() : currency;
  const at = want.base ?? base;
  return {
    ...(at === undefined ? {} : { base: at }),
    closed: want.base !== undefined,
    ...(unit === undefined ? {} : { unit }),
    ...(code === undefined ? {} : { currency: code }),
  };
}
