import { readPins } from "../catalog/sql.ts";
import { Problem } from "../floor/problem.ts";
import { type CompiledPolicies, type Proof, requestSentence } from "../policy/index.ts";
import type { Workspace } from "../workspace/index.ts";
import { compileWorkspace, shapesOf } from "./compile-workspace.ts";
import type { Loaded } from "./control.ts";
import type { LoadSources } from "./load-plane.ts";
import { putToolProofs } from "./proof-sql.ts";
import { proveInvariants } from "./prove-invariants.ts";
import { raiseRevision } from "./sql.ts";
import { rulesOf, type ToolProof, type UnprovenTool } from "./tool-proof.ts";

/**
 * Proves the invariants of the set that these tools would make with those in force, and keeps what was found: a tool comes
 * into force only where all of them are proven with it. Nobody's call waits for this.
 */
export async function proveTools(sources: LoadSources, loaded: Loaded, open: readonly UnprovenTool[]): Promise<void> {
  const { workspace, catalog, unproven } = loaded;
  if (workspace === undefined) return;
  const pins = await readPins(sources.db);
  const shapes = shapesOf(catalog, pins);
  // What was reviewed meanwhile is looked at with the next revision.
  const asked = open.filter(({ tool, shape }) => shapes.get(tool) === shape);
  if (asked.length === 0) return;
  const compiled = (tools: ReadonlySet<string>): Promise<CompiledPolicies> => {
    const without = new Set([...unproven.keys()].filter((tool) => !tools.has(tool)));
    return compileWorkspace(workspace, catalog, pins, loaded.policies.revision, undefined, without);
  };
  const found = await whyNot(sources, workspace, compiled, new Set(asked.map(({ tool }) => tool)));
  const proofs = asked.map(({ tool, shape }): ToolProof => ({ tool, shape, why: found.get(tool) ?? null }));
  await sources.db.transaction(async (tx) => {
    await putToolProofs(tx, rulesOf(workspace), proofs);
    await raiseRevision(tx);
  });
}

type Compile = (tools: ReadonlySet<string>) => Promise<CompiledPolicies>;

/** For each tool that cannot come into force, why. */
async function whyNot(
  sources: LoadSources,
  workspace: Workspace,
  compiled: Compile,
  tools: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const all = await against(sources, workspace, () => compiled(tools));
  if (all === undefined) return new Map();
  if (tools.size === 1) return new Map([...tools].map((tool) => [tool, all]));
  // One tool that breaks an invariant keeps no other out.
  const kept = new Map<string, string>();
  for (const tool of tools) {
    const why = await against(sources, workspace, () => compiled(new Set([tool])));
    if (why !== undefined) kept.set(tool, why);
  }
  const others = new Set([...tools].filter((tool) => !kept.has(tool)));
  const together = kept.size === 0 ? all : await against(sources, workspace, () => compiled(others));
  if (together !== undefined) for (const tool of others) kept.set(tool, together);
  return kept;
}

/** What stands against a set, in a clause; undefined where every invariant is proven of it. */
async function against(
  sources: LoadSources,
  workspace: Workspace,
  compile: () => Promise<CompiledPolicies>,
): Promise<string | undefined> {
  try {
    const proofs = await proveInvariants(sources, { workspace, policies: await compile() }, { absent: "expect" });
    return proofs.map(clauseOf).find((clause) => clause !== undefined);
  } catch (thrown) {
    // Rules that do not fit such a tool are nothing that could be proven; a database that is away is tried again.
    if (thrown instanceof Problem && thrown.code === "invalid") return thrown.detail;
    throw thrown;
  }
}

function clauseOf(proof: Proof): string | undefined {
  const { name } = proof.invariant;
  if (proof.answer === "proved") return undefined;
  return proof.answer === "counter-example"
    ? `invariant \`${name}\` does not hold: ${requestSentence(proof.replayed.input)}`
    : `invariant \`${name}\` is not decided for \`${proof.tool}\` (${proof.verb}): ${proof.why}`;
}
