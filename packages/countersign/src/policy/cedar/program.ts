import type { EntityUidJson, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { type Ask, compileExpression } from "./expression.ts";
import { EvaluationFault, typeFault } from "./fault.ts";
import { Entity, kindOf } from "./value.ts";
import type { World } from "./world.ts";

/** Whether a policy holds for a request; throws `EvaluationFault` where that cannot be said. */
export type Program = (world: World) => boolean;

type Constraint = PolicyJson["principal"] | PolicyJson["action"] | PolicyJson["resource"];

/** A policy's scope and conditions as one function. What stands in the slots of a template comes with the world. */
export function compileProgram(policy: PolicyJson): Program {
  const scopes = (["principal", "action", "resource"] as const).flatMap((name) => scopeOf(name, policy[name]));
  const conditions = policy.conditions.map(({ kind, body }) => ({
    ask: compileExpression(body),
    wanted: kind === "when",
  }));
  return (world) => {
    for (const scope of scopes) if (!scope(world)) return false;
    for (const { ask, wanted } of conditions) if (isMet(ask, world) !== wanted) return false;
    return true;
  };
}

function isMet(ask: Ask, world: World): boolean {
  const value = ask(world);
  if (typeof value !== "boolean") throw typeFault("bool", kindOf(value));
  return value;
}

function scopeOf(name: "principal" | "action" | "resource", constraint: Constraint): Program[] {
  switch (constraint.op) {
    case "All":
      return [];
    case "==": {
      const other = referred(constraint);
      return [(world) => world[name].is(other(world))];
    }
    case "in": {
      const others = "entities" in constraint ? constraint.entities.map(fixed) : [referred(constraint)];
      return [(world) => others.some((other) => world.isIn(world[name], other(world)))];
    }
    case "is": {
      const { entity_type: type, in: within } = constraint;
      const isOfType: Program = (world) => world[name].type === type;
      if (within === undefined) return [isOfType];
      const other = referred(within);
      return [isOfType, (world) => world.isIn(world[name], other(world))];
    }
  }
}

type Referred = (world: World) => Entity;

function referred(to: { readonly entity: EntityUidJson } | { readonly slot: string } | object): Referred {
  if ("entity" in to) return fixed(to.entity as EntityUidJson);
  const slot = "slot" in to ? String(to.slot) : "";
  return (world) => {
    const entity = world.slots.get(slot);
    if (entity === undefined) throw new EvaluationFault(`slot \`${slot}\` is empty`);
    return entity;
  };
}

function fixed(uid: EntityUidJson): Referred {
  const { type, id } = "__entity" in uid ? uid.__entity : uid;
  const entity = new Entity(type, id);
  return () => entity;
}
