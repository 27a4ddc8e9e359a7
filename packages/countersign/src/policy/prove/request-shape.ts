import type { TypeOfAttribute } from "@cedar-policy/cedar-wasm/nodejs";
import type { Verb } from "@countersign/contract";
import type { ArgumentTypes } from "../argument-types.ts";
import { parseDatetime } from "../cedar/moment.ts";
import { cedarSchema, toolAction } from "../cedar-schema.ts";
import type { FactNames } from "../fact-names.ts";
import { pathsRead } from "../syntax.ts";

export type Attribute = TypeOfAttribute<string>;
export type Attributes = Readonly<Record<string, Attribute>>;

/** What a solver chooses, by where it stands in a request: `["context", "facts", "stopped"]`. */
export interface Variable {
  readonly path: readonly string[];
  readonly of: "present" | "bool" | "long" | "decimal" | "datetime" | "duration" | "string" | "set";
  /** How a script names it. */
  readonly text: string;
}

/** All requests for one tool under one verb; without a tool, for every tool that there is or will be. */
export interface Environment {
  readonly tool: string | undefined;
  readonly verb: Verb;
  readonly types: ArgumentTypes;
  /** Arguments that are typed otherwise in another set: nothing is known of them. */
  readonly unlike?: readonly string[];
  /** What is counted, and whose clocks are read; where absent, nothing is known of those facts. */
  readonly names?: FactNames;
  /** Those of `counted` that something here reads as one value: a request may hold fewer members of them. */
  readonly whole?: ReadonlySet<string>;
}

/** Records whose members the names of an environment tell. */
export const counted: ReadonlySet<string> = new Set([
  "context.facts.counts",
  "context.facts.sums",
  "context.facts.steps",
  "context.local",
]);

/** Which of `counted` some of these expressions read as one value. */
export function readWhole(expressions: readonly unknown[]): ReadonlySet<string> {
  const read = new Set(expressions.flatMap(pathsRead).map((path) => path.join(".")));
  return new Set([...counted].filter((place) => [...read].some((one) => place === one || place.startsWith(`${one}.`))));
}

/** What numbers of a place can be. */
export function rangeOf(path: readonly string[]): readonly [bigint, bigint] {
  const [root, local, , name = ""] = path;
  return (root === "context" && local === "local" ? clock[name] : undefined) ?? safe;
}

export const ofSide: ReadonlySet<string> = new Set(["context.facts.cured", "principal.irreversible"]);
export const safe = [-(2n ** 53n - 1n), 2n ** 53n - 1n] as const;
/** As `localTime` tells them. */
const clock: { readonly [name: string]: readonly [bigint, bigint] } = {
  day: [101n, 100_000_101n],
  weekday: [1n, 7n],
  minute: [0n, 1_439n],
};
export const decimals = [-9_000_000_000_000_000n, 9_000_000_000_000_000n] as const;
// An instant beyond has no form that Cedar reads.
export const years = [
  BigInt(parseDatetime("0000-01-01").ms),
  BigInt(parseDatetime("9999-12-31T23:59:59.999Z").ms),
] as const;

export const closed: { readonly [place: string]: readonly string[] } = {
  "context.stage": ["list", "call", "resume", "release"],
  "context.facts.reversal": ["plan", "irreversible", "none"],
  "context.facts.flow.effect": ["read", "reversible", "irreversible", "egress"],
  "context.facts.flow.brings": ["public", "internal", "personal", "secret"],
};

/** A fact that cannot be had is absent; sets are always there, and so are these. A target may have no owner. */
export function mayBeAbsent(path: readonly string[], type: Attribute): boolean {
  if (path.join(".") === "resource.owner") return true;
  const [, group, name, inner, ...more] = path;
  if (group !== "facts" || name === undefined) return false;
  if (name === "flow" && inner !== undefined && more.length === 0) return inner !== "effect" && inner !== "brings";
  if (type.type === "Set" || type.type === "Record") return false;
  return name !== "stopped" && name !== "reversal";
}

interface Shaped {
  readonly shape: Attribute;
}

/** What requests hold, as the schema says it: of who asks, of what is touched, and beside them. */
export function requestShapes(
  types: ArgumentTypes,
  names: FactNames,
): { readonly [of in "agent" | "target" | "context"]: Attributes } {
  const { entityTypes } = cedarSchema({}, names)[""] as unknown as {
    readonly entityTypes: { readonly Agent: Shaped; readonly Target: Shaped };
  };
  const { appliesTo } = toolAction(types, names) as unknown as { readonly appliesTo: { readonly context: Attribute } };
  return {
    agent: membersOf(entityTypes.Agent.shape),
    target: membersOf(entityTypes.Target.shape),
    context: membersOf(appliesTo.context),
  };
}

export function membersOf(type: Attribute): Attributes {
  return type.type === "Record" ? (type as { readonly attributes: Attributes }).attributes : {};
}
