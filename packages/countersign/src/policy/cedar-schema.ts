import type { ActionType, SchemaJson, TypeOfAttribute } from "@cedar-policy/cedar-wasm/nodejs";
import type { ArgumentType, ArgumentTypes } from "./argument-types.ts";
import type { FactNames } from "./fact-names.ts";
import { verbs } from "./policy.ts";

type Attribute = TypeOfAttribute<string>;
type Attributes = Record<string, Attribute>;

const text: Attribute = { type: "String" };
const long: Attribute = { type: "Long" };
const bool: Attribute = { type: "Boolean" };
const texts: Attribute = { type: "Set", element: { type: "String" } };

/**
 * The schema that policies are validated against: one action for each tool, under all three verbs since only a call's
 * arguments say which one it is.
 *
 * What is required here and cannot be had in a call makes the policy that reads it err, and an error denies.
 */
export function cedarSchema(tools: { readonly [tool: string]: ArgumentTypes }, names: FactNames): SchemaJson<string> {
  const actions = Object.entries(tools).map(([tool, types]) => [tool, toolAction(types, names)]);
  return {
    "": {
      entityTypes: {
        Workflow: {},
        Group: {},
        System: {},
        Agent: { memberOfTypes: ["Workflow", "Group"], shape: record(agent) },
        Target: { memberOfTypes: ["System"], shape: record(target) },
      },
      actions: { ...Object.fromEntries(verbs.map((verb) => [verb, {}])), ...Object.fromEntries(actions) },
    },
  };
}

/** What the schema says of one tool. */
export function toolAction(types: ArgumentTypes, names: FactNames): ActionType<string> {
  return {
    memberOf: verbs.map((id) => ({ id })),
    appliesTo: { principalTypes: ["Agent"], resourceTypes: ["Target"], context: context(types, names) },
  };
}

const agent: Attributes = {
  tier: long,
  workflow: text,
  dri: text,
  owner: text,
  groups: texts,
  onBehalfOf: optional(text),
  /** Tools that the agent's workflow names as irreversible. */
  irreversible: texts,
};

const target: Attributes = {
  system: text,
  environment: record({ name: text, production: bool }),
  target: text,
  owner: text,
  labels: texts,
};

function context(types: ArgumentTypes, names: FactNames) {
  const longs = (each: readonly string[]) => record(Object.fromEntries(each.map((name) => [name, long])));
  return record({
    stage: text,
    at: { type: "Extension", name: "datetime" },
    /** That moment on the clocks of each time zone. */
    local: record(Object.fromEntries(names.zones.map((zone) => [zone, longs(["day", "weekday", "minute"])]))),
    tool: record({ id: text, verb: text, definition: text, reviewed: bool }),
    args: argumentRecord(types),
    run: record({
      id: text,
      step: long,
      tainted: bool,
      task: optional(text),
      parent: optional(text),
      planned: optional(bool),
    }),
    facts: record({
      cured: texts,
      signals: texts,
      stopped: bool,
      reversal: text,
      counts: longs(names.windows),
      sums: longs(names.windows),
      steps: longs(names.steps),
      formerly: texts,
      previous: texts,
      reach: record({
        objects: optional(long),
        customers: optional(long),
        nodes: optional(long),
        rows: optional(long),
        money: optional(record({ minor: long, currency: text })),
      }),
      flow: record({
        effect: text,
        brings: text,
        tainted: bool,
        sources: texts,
        read: texts,
        beyond: texts,
        origins: texts,
      }),
    }),
  });
}

function argumentRecord(types: ArgumentTypes) {
  return record(Object.fromEntries(Object.entries(types).map(([name, type]) => [name, member(type)])));
}

/** A policy asks with `has` whether an argument is there. That none of `parsed` is there is no state of a call. */
function member(type: ArgumentType): Attribute {
  return type.kind === "parsed" ? attribute(type) : optional(attribute(type));
}

function whole(types: ArgumentTypes) {
  return record(Object.fromEntries(Object.entries(types).map(([name, type]) => [name, attribute(type)])));
}

function attribute(type: ArgumentType): Attribute {
  switch (type.kind) {
    case "string":
      return text;
    case "long":
      return long;
    case "boolean":
      return bool;
    case "decimal":
      return { type: "Extension", name: "decimal" };
    case "set":
      return { type: "Set", element: attribute(type.of) };
    case "record":
      return argumentRecord(type.attributes);
    case "parsed":
      return record(Object.fromEntries(Object.entries(type.of).map(([name, types]) => [name, optional(whole(types))])));
  }
}

function record(attributes: Attributes) {
  return { type: "Record" as const, attributes };
}

function optional(type: Attribute): Attribute {
  return { ...type, required: false };
}
