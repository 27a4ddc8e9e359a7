import { compileProgram, type Program } from "./cedar/program.ts";
import { World } from "./cedar/world.ts";
import type { Evaluated } from "./evaluate.ts";
import type { CompiledPolicy } from "./policy.ts";
import type { CedarRequest } from "./request.ts";
import type { Slice } from "./slice.ts";

// Owned here alone: programs are a function of a policy's syntax, and die with it.
const programs = new WeakMap<object, Program>();
const indexes = new WeakMap<Slice, Index>();

/** A slice's policies by what their principal scope asks for: those of another agent's workflow are not looked at. */
interface Index {
  readonly anybody: readonly CompiledPolicy[];
  readonly bySomebody: ReadonlyMap<string, readonly CompiledPolicy[]>;
}

/** Evaluates Cedar here: no engine to call, nothing to serialise. Agrees with the WebAssembly engine, which is asked in tests and now and then. */
export function evaluateHere(slice: Slice, request: CedarRequest): Evaluated {
  const world = new World(request);
  const permits: string[] = [];
  const forbids: string[] = [];
  const errors: { policy: string; message: string }[] = [];
  for (const policy of candidates(indexOf(slice), world)) {
    try {
      if (programOf(policy)(world)) (policy.effect === "permit" ? permits : forbids).push(policy.id);
    } catch (thrown) {
      // Whatever it is, the policy has not been evaluated: a fault of ours denies like one of the policy's.
      errors.push({ policy: policy.id, message: thrown instanceof Error ? thrown.message : "it cannot be evaluated" });
    }
  }
  return { permits: permits.sort(), forbids: forbids.sort(), errors: errors.sort(byPolicy) };
}

function byPolicy(one: { readonly policy: string }, other: { readonly policy: string }): number {
  return one.policy < other.policy ? -1 : 1;
}

function programOf(policy: CompiledPolicy): Program {
  const known = programs.get(policy.syntax);
  if (known !== undefined) return known;
  const program = compileProgram(policy.syntax);
  programs.set(policy.syntax, program);
  return program;
}

function candidates(index: Index, world: World): readonly CompiledPolicy[] {
  if (index.bySomebody.size === 0) return index.anybody;
  const found = [...index.anybody];
  for (const key of new Set([world.principal.key, ...world.ancestorsOf(world.principal)]))
    found.push(...(index.bySomebody.get(key) ?? []));
  return found;
}

function indexOf(slice: Slice): Index {
  const known = indexes.get(slice);
  if (known !== undefined) return known;
  const anybody: CompiledPolicy[] = [];
  const bySomebody = new Map<string, CompiledPolicy[]>();
  for (const policy of slice.policies) {
    const key = principalKey(policy);
    if (key === undefined) anybody.push(policy);
    else bySomebody.set(key, [...(bySomebody.get(key) ?? []), policy]);
  }
  const index = { anybody, bySomebody };
  indexes.set(slice, index);
  return index;
}

/** The one entity that the principal must be, or be in. */
function principalKey({ syntax: { principal } }: CompiledPolicy): string | undefined {
  if ((principal.op !== "==" && principal.op !== "in") || !("entity" in principal)) return undefined;
  const { type, id } = "__entity" in principal.entity ? principal.entity.__entity : principal.entity;
  return `${type}\0${id}`;
}
