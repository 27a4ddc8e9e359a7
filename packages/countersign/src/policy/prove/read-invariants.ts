import type { Expr, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { cedarSchema, toolAction } from "../cedar-schema.ts";
import { didYouMean } from "../did-you-mean.ts";
import { type ParsedPolicy, parse } from "../parse.ts";
import type { CompiledPolicies, PolicyFault } from "../policy.ts";
import { type Invariant, type ReadInvariant, shippedInvariants } from "./invariant.ts";

let shippedOnce: Promise<readonly ReadInvariant[]> | undefined;

/** The invariants that ship, parsed once: they speak of nothing that a catalog could change. */
export function readShipped(): Promise<readonly ReadInvariant[]> {
  shippedOnce ??= readAll(shippedInvariants, { "server.tool": {} }, undefined).then((read) => {
    if (read.faults.length > 0) throw new Error(`a shipped invariant is not valid: ${read.faults[0]?.detail}`);
    return read.invariants;
  });
  return shippedOnce;
}

/** What is not there yet: a tool that an invariant names, and the names of facts that come with one. */
export interface Expected {
  readonly absent: "refuse" | "expect";
  readonly names?: CompiledPolicies["names"];
}

/** An organisation's own invariants, parsed and validated against the schema of its tools; or every fault, and where. */
export function readOwn(
  own: readonly Invariant[],
  policies: CompiledPolicies,
  { absent, names = policies.names }: Expected = { absent: "refuse" },
): Promise<{ readonly invariants: readonly ReadInvariant[]; readonly faults: readonly PolicyFault[] }> {
  if (own.length === 0) return Promise.resolve({ invariants: [], faults: [] });
  return readAll(own, policies.tools, { ...policies, names }, absent);
}

const before = "forbid (principal, action, resource) when {\n";

async function readAll(
  invariants: readonly Invariant[],
  tools: CompiledPolicies["tools"],
  policies: CompiledPolicies | undefined,
  absent: "refuse" | "expect" = "refuse",
): Promise<{ readonly invariants: readonly ReadInvariant[]; readonly faults: readonly PolicyFault[] }> {
  const texts = invariants.map(({ when }, at) => ({
    file: `${at}`,
    source: "own" as const,
    text: `${before}${when.trimEnd()}\n};`,
  }));
  const names = policies?.names ?? { windows: [], steps: [], zones: ["UTC"] };
  const report = await parse({
    texts,
    schema: cedarSchema(tools, names),
    ...(absent === "refuse" ? {} : { absentTool: toolAction({ parsed: { kind: "parsed", of: {} } }, names) }),
  });
  const faults = report.faults.map((fault) => placed(invariants, fault));
  const read: ReadInvariant[] = [];
  for (const [at, invariant] of invariants.entries()) {
    const parsed = report.policies.filter(({ file }) => file === `${at}`);
    const syntax = expressionOf(parsed);
    if (syntax !== undefined) read.push({ ...invariant, syntax });
    else if (parsed.length > 0)
      faults.push(faultOf(invariant, "`when` is not one expression", "write a condition, not a policy"));
    // A rule for a tool that is away waits for it, and cures nothing meanwhile.
    if (syntax !== undefined && policies !== undefined && absent === "refuse")
      faults.push(...unknownCures(invariant, syntax, policies));
  }
  // Where there is no tool, nothing can ever hold.
  const warnings = Object.keys(tools).length === 0 || absent === "expect" ? [] : report.warnings;
  for (const warning of warnings)
    if (/is impossible/.test(warning.detail)) {
      const invariant = invariants[Number(warning.file)];
      if (invariant !== undefined)
        faults.push(faultOf(invariant, "`when` can never hold, so the invariant says nothing", "look for a slip"));
    }
  return { invariants: faults.length > 0 ? [] : read, faults };
}

/** Text can close the brace that it stands in: only a policy with this one condition is what was meant. */
function expressionOf(parsed: readonly ParsedPolicy[]): Expr | undefined {
  const [only, ...more] = parsed;
  if (only === undefined || more.length > 0) return undefined;
  const { effect, principal, action, resource, conditions, annotations }: PolicyJson = only.syntax;
  const [condition, ...others] = conditions;
  const isBare = [principal, action, resource].every(({ op }) => op === "All");
  if (effect !== "forbid" || !isBare || condition?.kind !== "when" || others.length > 0) return undefined;
  return annotations === undefined || Object.keys(annotations).length === 0 ? condition.body : undefined;
}

function placed(invariants: readonly Invariant[], fault: PolicyFault): PolicyFault {
  const invariant = invariants[Number(fault.file)];
  const { file: _, policy: __, line = 2, column = 1, ...rest } = fault;
  if (invariant === undefined) return { ...fault, file: invariants[0]?.file ?? "invariants" };
  const lines = invariant.when.trimEnd().split("\n");
  const at = Math.min(Math.max(0, line - 2), lines.length - 1);
  // Beyond the text is its end: what stands there is ours.
  const inText = line - 2 === at ? column - 1 : (lines[at] ?? "").length;
  return {
    ...rest,
    file: invariant.file,
    line: invariant.line + at,
    column: invariant.column + inText,
    policy: invariant.name,
  };
}

function faultOf({ file, line, column, name }: Invariant, detail: string, help?: string): PolicyFault {
  return { file, line, column, policy: name, detail, ...(help === undefined ? {} : { help }) };
}

function unknownCures(invariant: Invariant, syntax: Expr, policies: CompiledPolicies): readonly PolicyFault[] {
  const known = policies.policies.filter(({ cure }) => cure !== undefined).map(({ id }) => id);
  return curesNamed(syntax)
    .filter((id) => !known.includes(id))
    .map((id) => faultOf(invariant, `no policy \`${id.slice(0, 100)}\` has a cure`, didYouMean(id, known)));
}

/** Texts that an expression looks for in what is cured. */
function curesNamed(expression: unknown): readonly string[] {
  if (typeof expression !== "object" || expression === null) return [];
  const inside = Object.values(expression).flatMap(curesNamed);
  const { contains } = expression as { readonly contains?: { readonly left: unknown; readonly right: unknown } };
  if (contains === undefined || !JSON.stringify(contains.left).includes('"attr":"cured"')) return inside;
  const { Value: id } = contains.right as { readonly Value?: unknown };
  return typeof id === "string" ? [...inside, id] : inside;
}
