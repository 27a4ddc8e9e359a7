import type { TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import { compileProgram, type Program } from "./cedar/program.ts";
import { World } from "./cedar/world.ts";
import type { Evaluated } from "./evaluate.ts";
import type { CompiledPolicy } from "./policy.ts";
import type { CedarRequest } from "./request.ts";
import type { Slice } from "./slice.ts";

// Owned here alone: functions of a policy and of its syntax, and they die with them.
const programs = new WeakMap<object, Program>();
const askable = new WeakMap<CompiledPolicy, Asked>();
const indexes = new WeakMap<Slice, Index>();

/** A policy as it is asked here. Its program is made when it is asked first: what cannot be made is a fault of that decision. */
interface Asked {
  readonly policy: CompiledPolicy;
  program?: Program;
}

/** A slice's policies by what their principal scope asks for: those of another agent's workflow are not looked at. */
interface Index {
  readonly anybody: readonly Asked[];
  /** By type and id. */
  readonly bySomebody: ReadonlyMap<string, ReadonlyMap<string, readonly Asked[]>>;
}

interface Found {
  readonly permits: string[];
  readonly forbids: string[];
  readonly errors: { policy: string; message: string }[];
}

/** Evaluates Cedar here: no engine to call, nothing to serialise. Agrees with the WebAssembly engine, which is asked in tests and now and then. */
export function evaluateHere(slice: Slice, request: CedarRequest): Evaluated {
  const world = new World(request);
  const { anybody, bySomebody } = indexOf(slice);
  const found: Found = { permits: [], forbids: [], errors: [] };
  askEach(anybody, world, found);
  if (bySomebody.size > 0) {
    const asked = new Set<readonly Asked[]>();
    for (const { type, id } of [world.principal, ...world.ancestorsOf(world.principal)]) {
      const some = bySomebody.get(type)?.get(id);
      if (some === undefined || asked.has(some)) continue;
      asked.add(some);
      askEach(some, world, found);
    }
  }
  return { permits: found.permits.sort(), forbids: found.forbids.sort(), errors: found.errors.sort(byPolicy) };
}

function askEach(all: readonly Asked[], world: World, { permits, forbids, errors }: Found): void {
  for (const asked of all) {
    const { id, effect } = asked.policy;
    try {
      asked.program ??= programOf(asked.policy);
      if (asked.program(world)) (effect === "permit" ? permits : forbids).push(id);
    } catch (thrown) {
      // Whatever it is, the policy has not been evaluated: a fault of ours denies like one of the policy's.
      errors.push({ policy: id, message: thrown instanceof Error ? thrown.message : "it cannot be evaluated" });
    }
  }
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

/** One for all slices: what ships is in each of them, and stays at hand. */
function askedOf(policy: CompiledPolicy): Asked {
  const known = askable.get(policy);
  if (known !== undefined) return known;
  const asked: Asked = { policy };
  askable.set(policy, asked);
  return asked;
}

function indexOf(slice: Slice): Index {
  const known = indexes.get(slice);
  if (known !== undefined) return known;
  const anybody: Asked[] = [];
  const bySomebody = new Map<string, Map<string, Asked[]>>();
  for (const policy of slice.policies) {
    const key = principalIn(policy);
    const asked = askedOf(policy);
    if (key === undefined) anybody.push(asked);
    else {
      const ofType = bySomebody.get(key.type) ?? new Map<string, Asked[]>();
      bySomebody.set(key.type, ofType.set(key.id, [...(ofType.get(key.id) ?? []), asked]));
    }
  }
  const index = { anybody, bySomebody };
  indexes.set(slice, index);
  return index;
}

/** The one entity that the principal must be, or be in. */
function principalIn({ syntax: { principal } }: CompiledPolicy): TypeAndId | undefined {
  if ((principal.op !== "==" && principal.op !== "in") || !("entity" in principal)) return undefined;
  return "__entity" in principal.entity ? principal.entity.__entity : principal.entity;
}
