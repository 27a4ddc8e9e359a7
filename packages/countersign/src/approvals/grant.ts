import { canonical, type Json, type JsonObject } from "@countersign/contract";
import { below, isObject } from "./paths.ts";

/** How one value of a call may differ from the one that was looked at. */
export type Loosened =
  | { readonly any: true }
  | { readonly oneOf: readonly Json[] }
  | { readonly atLeast?: number; readonly atMost?: number };

/** Which calls a grant is for, beside what was looked at. */
export interface GrantShape {
  readonly target: "exact" | "class";
  /** By JSON pointer; what is not named has to be what was looked at. */
  readonly arguments: { readonly [pointer: string]: Loosened };
}

/** What a grant says of a call: the one that was looked at, and the one that asks. */
export interface GrantedCall {
  readonly agent: string;
  readonly onBehalfOf?: string;
  readonly workflow: string;
  readonly server: string;
  readonly tool: string;
  readonly method: string;
  /** Digest of the tool's definition. */
  readonly definition: string;
  readonly environment: string;
  readonly verb: string;
  readonly tier: number;
  readonly target: string;
  readonly args: JsonObject;
  /** What travels beside the arguments. */
  readonly beyond?: JsonObject;
}

const always = [
  "agent",
  "onBehalfOf",
  "workflow",
  "server",
  "tool",
  "method",
  "definition",
  "environment",
  "verb",
  "tier",
] as const satisfies readonly (keyof GrantedCall)[];

/** Whether a grant that was given at one call is for another. Pure; what it does not name has to be the same. */
export function fits(shape: GrantShape, given: GrantedCall, call: GrantedCall): boolean {
  return (
    always.every((member) => given[member] === call[member]) &&
    (shape.target === "class" || given.target === call.target) &&
    isSame(given.beyond ?? null, call.beyond ?? null) &&
    agrees(shape, given.args, call.args, "")
  );
}

function agrees(shape: GrantShape, given: Json, now: Json, pointer: string): boolean {
  const loosened = Object.hasOwn(shape.arguments, pointer) ? shape.arguments[pointer] : undefined;
  if (loosened !== undefined) return isWithin(loosened, now);
  if (Array.isArray(given) && Array.isArray(now)) {
    return (
      given.length === now.length &&
      given.every((value, at) => agrees(shape, value, now[at] as Json, below(pointer, String(at))))
    );
  }
  if (!isObject(given) || !isObject(now)) return isSame(given, now);
  const names = Object.keys(given);
  return (
    names.length === Object.keys(now).length &&
    names.every(
      (name) => Object.hasOwn(now, name) && agrees(shape, given[name] as Json, now[name] as Json, below(pointer, name)),
    )
  );
}

function isWithin(loosened: Loosened, value: Json): boolean {
  if ("any" in loosened) return true;
  if ("oneOf" in loosened) return loosened.oneOf.some((one) => isSame(one, value));
  const { atLeast, atMost } = loosened;
  if (typeof value !== "number" || (atLeast === undefined && atMost === undefined)) return false;
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}

function isSame(one: Json, other: Json): boolean {
  return canonical(one) === canonical(other);
}

/** What is wrong with a shape for this call, as a sentence; undefined where it can be granted. */
export function shapeFault({ arguments: loosened }: GrantShape, args: JsonObject): string | undefined {
  const pointers = Object.keys(loosened);
  for (const pointer of pointers) {
    const value = at(args, pointer);
    if (value === undefined) return `the call has no argument at \`${pointer.slice(0, 100)}\``;
    const rule = loosened[pointer] as Loosened;
    if (!("any" in rule) && !("oneOf" in rule)) {
      if (rule.atLeast === undefined && rule.atMost === undefined) return `\`${pointer}\` is loosened by nothing`;
      if (typeof value !== "number") return `\`${pointer}\` is no number, so it has no bound`;
    }
    if (!isWithin(rule, value)) return `what was looked at is not within what \`${pointer}\` is loosened to`;
    const inner = pointers.find((one) => one.startsWith(`${pointer}/`));
    if (inner !== undefined) return `\`${inner}\` lies within \`${pointer}\`, which is loosened as a whole`;
  }
  return undefined;
}

function at(args: JsonObject, pointer: string): Json | undefined {
  if (!pointer.startsWith("/")) return undefined;
  let value: Json | undefined = args;
  for (const part of pointer.slice(1).split("/")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) value = /^(0|[1-9]\d{0,5})$/.test(name) ? value[Number(name)] : undefined;
    else value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}
