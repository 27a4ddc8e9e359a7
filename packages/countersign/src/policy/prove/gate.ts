import type { EntityUidJson, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { CompiledPolicy } from "../policy.ts";
import type { EntitySymbol } from "./symbol.ts";
import { type Formula, str } from "./term.ts";
import type { Translation } from "./translate.ts";

/** Whether a policy holds, and whether it cannot be evaluated: never both. */
export interface Told {
  readonly holds: Formula;
  readonly fault: Formula;
}

/** What `judge` makes of a slice, before observe mode. */
export interface Gate {
  readonly allow: Formula;
  readonly require: Formula;
  /** One of those that are required is an approval. */
  readonly person: Formula;
  /** No policy errs and none of those that bite also in observe mode holds: an observed workflow may pass. */
  readonly mayPass: Formula;
  /** Where each policy whose cure can be met asks for it. */
  readonly asking: readonly { readonly policy: CompiledPolicy; readonly holds: Formula }[];
}

/** A policy's scope and conditions, as `cedar/program.ts` evaluates them. */
export function translatePolicy(translation: Translation, policy: PolicyJson): Told {
  const { terms } = translation;
  let holds = terms.and(
    ...(["principal", "action", "resource"] as const).map((name) => scope(translation, name, policy[name])),
  );
  let fault = terms.no;
  for (const { kind, body } of policy.conditions) {
    if (holds.op === "false") break;
    const { fault: wrong, is } = translation.bool(translation.of(body));
    fault = terms.or(fault, terms.and(holds, wrong));
    holds = terms.and(holds, terms.not(wrong), kind === "when" ? is : terms.not(is));
  }
  return { holds, fault };
}

/**
 * An error of any policy denies, and so does an argument that some policy reads and that has no exact form; a forbid whose
 * cure nothing can meet is as final as one without.
 */
export function gateOf(
  translation: Translation,
  policies: readonly CompiledPolicy[],
  unreadable: Formula = translation.terms.no,
): Gate {
  const { terms } = translation;
  const told = policies.map((policy) => ({ policy, ...translatePolicy(translation, policy.syntax) }));
  const sound = terms.not(terms.or(unreadable, ...told.map(({ fault }) => fault)));
  const some = (is: (policy: CompiledPolicy) => boolean) =>
    terms.or(...told.filter(({ policy }) => is(policy)).map(({ holds }) => holds));
  const permitted = terms.and(
    sound,
    some(({ effect }) => effect === "permit"),
  );
  const forbidden = some(({ effect, cure }) => effect === "forbid" && (cure === undefined || isHopeless(cure)));
  const curable = some(({ effect, cure }) => effect === "forbid" && cure !== undefined && !isHopeless(cure));
  const asks = some(({ effect, cure }) => effect === "forbid" && cure?.kind === "approval");
  return {
    asking: told.filter(
      ({ policy: { effect, cure } }) => effect === "forbid" && cure !== undefined && !isHopeless(cure),
    ),
    allow: terms.and(permitted, terms.not(forbidden), terms.not(curable)),
    person: terms.and(permitted, terms.not(forbidden), asks),
    require: terms.and(permitted, terms.not(forbidden), curable),
    mayPass: terms.and(sound, terms.not(some(({ effect, mode }) => effect === "forbid" && mode === "always"))),
  };
}

/** It asks for checks, and none is configured. */
export function isHopeless(cure: NonNullable<CompiledPolicy["cure"]>): boolean {
  return cure.kind === "check" && cure.names.length === 0;
}

function scope(
  translation: Translation,
  name: "principal" | "action" | "resource",
  constraint: PolicyJson["principal"] | PolicyJson["action"] | PolicyJson["resource"],
): Formula {
  const { terms, world, sets } = translation;
  const who = world[name];
  switch (constraint.op) {
    case "All":
      return terms.yes;
    case "==":
      return "entity" in constraint ? sets.equalEntities(who, fixed(constraint.entity)) : terms.no;
    case "in": {
      const others = "entities" in constraint ? constraint.entities : "entity" in constraint ? [constraint.entity] : [];
      return terms.or(...others.map((other) => translation.isWithin(who, fixed(other))));
    }
    case "is": {
      if (who.type !== constraint.entity_type) return terms.no;
      const { in: within } = constraint;
      if (within === undefined) return terms.yes;
      return "entity" in within ? translation.isWithin(who, fixed(within.entity)) : terms.no;
    }
  }
}

function fixed(uid: EntityUidJson): EntitySymbol {
  const { type, id } = "__entity" in uid ? uid.__entity : uid;
  return { kind: "entity", type, id: str(id) };
}
