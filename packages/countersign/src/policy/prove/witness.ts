import type { ApprovalFact, CheckFact, DecisionInput, FlowFacts, Json, JsonObject } from "@countersign/contract";
import type { ArgumentType, ArgumentTypes } from "../argument-types.ts";
import type { CompiledPolicies } from "../policy.ts";
import { Chosen, questions, wholeNumber } from "./chosen.ts";
import type { CuredSource } from "./cured-source.ts";
import type { Requests } from "./environment.ts";
import { localInstants } from "./local-instants.ts";
import type { Sets } from "./sets.ts";
import { unclean, unreadable } from "./unreadable.ts";

const noDigest = `sha256:${"0".repeat(64)}`;
const defaultAt = "2026-01-01T12:00:00.000Z";

/** The terms whose values make a request, in the order in which `inputFrom` takes them. */
export function termsOf(requests: Requests, sets: Sets): readonly string[] {
  return questions(requests, sets).map(({ text }) => text);
}

/** The scalars among them with their values, to ask for another request than this one. */
export function otherThan(requests: Requests, sets: Sets, values: readonly string[]): string {
  const same = questions(requests, sets).map(({ text }, at) => `(= ${text} ${values[at]})`);
  return same.length === 0 ? "(assert false)" : `(assert (not (and true ${same.join(" ")})))`;
}

/**
 * Whole input documents for one of the solver's answers, of which the first that is decided as it says will do: at the
 * moment that it chose, and at those when the clocks of a zone show what it chose for them.
 */
export function* inputsFrom(
  requests: Requests,
  sets: Sets,
  values: readonly string[],
  policies: CompiledPolicies,
  sources: readonly CuredSource[],
): Generator<DecisionInput> {
  const chosen = new Chosen(requests, sets, values);
  const chosenAt = chosen.instant(["context", "at"]);
  const moments = localInstants(chosen);
  for (const at of chosenAt === undefined && moments.length > 0 ? moments : [chosenAt ?? defaultAt, ...moments])
    yield inputFrom(chosen, requests, policies, sources, at);
}

/** What the solver left open is something harmless. */
function inputFrom(
  chosen: Chosen,
  { environment }: Requests,
  policies: CompiledPolicies,
  sources: readonly CuredSource[],
  at: string,
): DecisionInput {
  const { tool = "", verb } = environment;
  const [workflow = "workflow", { agents = [] } = {}] = Object.entries(policies.workflows)[0] ?? [];
  const production = chosen.flag(["resource", "environment", "production"]) ?? false;
  const input: DecisionInput = {
    v: 1,
    decisionId: `dec_${"0".repeat(26)}`,
    at,
    stage: (chosen.text(["context", "stage"]) ?? "call") as DecisionInput["stage"],
    principal: {
      agent: chosen.text(["principal", "agent"]) ?? agents[0] ?? "agent",
      tier: (chosen.number(["principal", "tier"]) ?? 0) as DecisionInput["principal"]["tier"],
      workflow: chosen.text(["principal", "workflow"]) ?? workflow,
      dri: chosen.text(["principal", "dri"]) ?? "dri",
      owner: chosen.text(["principal", "owner"]) ?? "owner",
      groups: chosen.texts(["principal", "groups"]),
      ...chosen.optional("onBehalfOf", ["principal", "onBehalfOf"]),
    },
    action: {
      tool,
      verb,
      definitionDigest: chosen.text(["context", "tool", "definition"]) ?? noDigest,
      reviewed: chosen.flag(["context", "tool", "reviewed"]) ?? true,
    },
    resource: {
      system: chosen.text(["resource", "system"]) ?? tool.split(".", 1)[0] ?? "",
      environment: {
        name: chosen.text(["resource", "environment", "name"]) ?? (production ? "production" : "staging"),
        production,
      },
      target: chosen.text(["resource", "target"]) ?? "target",
      labels: chosen.texts(["resource", "labels"]),
      ...chosen.optional("owner", ["resource", "owner"]),
    },
    args: withUnreadable(chosen, environment.types, argumentsFrom(chosen, environment.types, ["context", "args"])),
    argsDigest: noDigest,
    callDigest: noDigest,
    facts: {
      ...factsFrom(chosen),
      flow: flowFrom(chosen),
      cured: [],
      approvals: approvalsFrom(chosen, sources, at),
      checks: checksFrom(chosen, sources, at),
    } as unknown as DecisionInput["facts"],
    run: {
      id: chosen.text(["context", "run", "id"]) ?? `run_${"0".repeat(26)}`,
      step: chosen.number(["context", "run", "step"]) ?? 1,
      tainted: chosen.flag(["context", "run", "tainted"]) ?? false,
      ...chosen.optional("task", ["context", "run", "task"]),
      ...chosen.optional("parent", ["context", "run", "parent"]),
      ...(chosen.isPresent(["context", "run", "planned"]) === true
        ? { planned: chosen.flag(["context", "run", "planned"]) ?? false }
        : {}),
    },
  };
  return input;
}

/** What is to be unreadable takes the place of what was chosen. */
function withUnreadable(chosen: Chosen, types: ArgumentTypes, args: JsonObject): JsonObject {
  const isTo = (name: string) =>
    chosen.paths.some((path) => path[0] === "unreadable" && path[1] === name && chosen.flag(path) === true);
  const changed = Object.entries(types).flatMap(([name, type]): (readonly [string, Json])[] => {
    if (type.kind !== "parsed") return isTo(name) ? [[name, unreadable(type)]] : [];
    const parts = Object.keys(type.of).filter((part) => isTo(`parsed.${part}`));
    const parsed = args[name] as JsonObject;
    return [[name, { ...parsed, ...Object.fromEntries(parts.map((part) => [part, unclean])) }]];
  });
  return changed.length === 0 ? args : { ...args, ...Object.fromEntries(changed) };
}

function argumentsFrom(chosen: Chosen, types: ArgumentTypes, path: readonly string[]): JsonObject {
  const args: { [name: string]: Json } = {};
  for (const [name, type] of Object.entries(types))
    if (type.kind === "parsed" || chosen.isPresent([...path, name]) === true)
      args[name] = argumentFrom(chosen, type, [...path, name]);
  return args;
}

function argumentFrom(chosen: Chosen, type: ArgumentType, path: readonly string[]): Json {
  switch (type.kind) {
    case "string":
      return chosen.text(path) ?? "";
    case "long":
      return chosen.number(path) ?? 0;
    case "decimal":
      return (chosen.number(path) ?? 0) / 10_000;
    case "boolean":
      return chosen.flag(path) ?? false;
    case "record":
      return argumentsFrom(chosen, type.attributes, path);
    case "parsed":
      return Object.fromEntries(
        Object.entries(type.of).flatMap(([name, shape]) =>
          chosen.isPresent([...path, name]) === true ? [[name, wholeFrom(chosen, shape, [...path, name])]] : [],
        ),
      );
    case "set":
      if (type.of.kind === "string") return [...chosen.texts(path)];
      if (type.of.kind === "long") return chosen.elements(path).map((one) => Number(wholeNumber(one)));
      if (type.of.kind === "decimal") return chosen.elements(path).map((one) => Number(wholeNumber(one)) / 10_000);
      if (type.of.kind === "boolean")
        return [true, false].filter((value) => chosen.isPresent([...path, `${value}`]) === true);
      return [];
  }
}

/** Every member, as where none of them is optional. */
function wholeFrom(chosen: Chosen, types: ArgumentTypes, path: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, argumentFrom(chosen, type, [...path, name])]),
  );
}

/** Facts as the input has them, but for those that the engine computes. */
function factsFrom(chosen: Chosen): { readonly [name: string]: unknown } {
  const [sums, steps] = [countedFrom(chosen, "sums"), countedFrom(chosen, "steps")];
  const facts: { [name: string]: unknown } = {
    signals: [],
    stopped: false,
    reversal: "none",
    counts: countedFrom(chosen, "counts"),
    ...(Object.keys(sums).length === 0 ? {} : { sums }),
    ...(Object.keys(steps).length === 0 ? {} : { steps }),
  };
  for (const path of chosen.paths) {
    const [root, group, name = "", inner] = path;
    if (root !== "context" || group !== "facts" || name === "cured" || name === "counts") continue;
    if (chosen.isPresent(path) === false || inner !== undefined) continue;
    const [isText, isFlag] = [chosen.text(path), chosen.flag(path)];
    if (name === "formerly") facts.formerly = chosen.texts(path);
    else if (name === "previous") facts.previous = chosen.texts(path);
    else if (name === "signals") facts.signals = chosen.texts(path);
    else if (name === "stopped") facts.stopped = isFlag ?? false;
    else if (name === "reversal") facts.reversal = isText ?? "none";
  }
  return facts;
}

/** What windows and steps hold; one that is absent is not known. */
function countedFrom(chosen: Chosen, group: "counts" | "sums" | "steps"): { readonly [name: string]: number } {
  const read = chosen.paths.filter(
    ([root, facts, of, name]) => root === "context" && facts === "facts" && of === group && name !== undefined,
  );
  return Object.fromEntries(
    read.flatMap((path) =>
      chosen.isPresent(path) === true ? [[path.at(-1) ?? "", chosen.number(path) ?? 0] as const] : [],
    ),
  );
}

/** Nothing that was gathered, where the solver left it open, is what a plain read has. */
function flowFrom(chosen: Chosen): FlowFacts {
  const path = ["context", "facts", "flow"];
  const has = (name: string) => chosen.isPresent([...path, name]) === true;
  return {
    effect: (chosen.text([...path, "effect"]) ?? "read") as FlowFacts["effect"],
    brings: (chosen.text([...path, "brings"]) ?? "internal") as FlowFacts["brings"],
    ...(has("tainted") ? { tainted: chosen.flag([...path, "tainted"]) ?? false } : {}),
    ...(has("sources") ? { sources: chosen.texts([...path, "sources"]).map((tool) => ({ tool })) } : {}),
    ...(has("read") ? { read: chosen.texts([...path, "read"]) as FlowFacts["read"] } : {}),
    ...(has("beyond") ? { beyond: chosen.texts([...path, "beyond"]) as FlowFacts["beyond"] } : {}),
    ...(has("origins") ? { origins: chosen.texts([...path, "origins"]) as FlowFacts["origins"] } : {}),
  } as FlowFacts;
}

function isMet(chosen: Chosen, { key }: CuredSource): boolean {
  return chosen.flag(["cured", key]) === true;
}

/** As many approvals as each policy that is to be cured asks for, of people who exist nowhere. */
function approvalsFrom(chosen: Chosen, sources: readonly CuredSource[], at: string): readonly ApprovalFact[] {
  return sources.flatMap((source) => {
    const { id, digest, cure } = source;
    if (cure.kind !== "approval" || !isMet(chosen, source)) return [];
    return Array.from({ length: cure.count }, (_, index) => ({
      policy: id,
      policyDigest: digest,
      person: `approver-${index + 1}@replay.invalid`,
      groups: [cure.from],
      at,
      callDigest: noDigest,
      passkey: true as const,
    }));
  });
}

/** Passed checks, each so old that it counts for the policies that are to be cured and, where it can be, for no others. */
function checksFrom(chosen: Chosen, sources: readonly CuredSource[], at: string): readonly CheckFact[] {
  const ages = new Map<string, number>();
  for (const source of sources)
    if (source.cure.kind === "check" && isMet(chosen, source)) for (const name of source.cure.names) ages.set(name, 0);
  for (const source of sources) {
    const { cure } = source;
    if (cure.kind !== "check" || isMet(chosen, source) || cure.names.some((name) => !ages.has(name))) continue;
    const [name] = cure.names.filter((one) => cure.maxAgeMs < mostAge(chosen, sources, one));
    if (name !== undefined) ages.set(name, Math.max(ages.get(name) ?? 0, cure.maxAgeMs));
  }
  return [...ages].map(([name, age]) => ({
    name,
    version: "v1",
    verdict: "pass",
    at: new Date(Date.parse(at) - age).toISOString(),
    evidence: [],
    microseconds: 0,
    argsDigest: noDigest,
  }));
}

function mostAge(chosen: Chosen, sources: readonly CuredSource[], name: string): number {
  const ages = sources.flatMap((source) =>
    source.cure.kind === "check" && source.cure.names.includes(name) && isMet(chosen, source)
      ? [source.cure.maxAgeMs]
      : [],
  );
  return Math.min(...ages);
}
