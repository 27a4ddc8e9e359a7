import { Problem } from "../floor/problem.ts";
import {
  bothNames,
  factNames,
  type Invariant,
  type Proof,
  prove,
  readOwn,
  readShipped,
  Solver,
} from "../policy/index.ts";
import { type DraftWorkspace, problemOf } from "./draft-workspace.ts";
import { guardrailsOf } from "./guardrails-of.ts";
import type { LoadSources } from "./load-plane.ts";
import { unlistedServers, waitsFor } from "./unlisted-servers.ts";
import { WorkspaceFaults } from "./workspace-faults.ts";

/** For one question, for one invariant, and for all of them: people wait for the answer. */
const limits = { questionMs: 10_000, invariantMs: 20_000, allMs: 40_000 } as const;

/** Tries to prove every invariant of a draft: those that ship, and the organisation's own. Fails where one cannot be read; a tool that it names may be `absent`. */
export async function proveInvariants(
  sources: LoadSources,
  draft: Pick<DraftWorkspace, "policies" | "workspace"> & Partial<Pick<DraftWorkspace, "catalog">>,
  { only, absent = "refuse" }: { readonly only?: string | undefined; readonly absent?: "refuse" | "expect" } = {},
): Promise<readonly Proof[]> {
  const { policies, workspace } = draft;
  const expected = { absent: "expect", names: bothNames(policies.names, namesToCome(draft)) } as const;
  const [shipped, strict] = await Promise.all([
    readShipped(),
    readOwn(invariantsOf(draft), policies, absent === "expect" ? expected : { absent }),
  ]);
  const isWaiting =
    strict.faults.length > 0 && draft.catalog !== undefined && waitsFor(unlistedServers(draft.catalog), strict.faults);
  const own = isWaiting ? await readOwn(invariantsOf(draft), policies, expected) : strict;
  if (own.faults.length > 0)
    throw new WorkspaceFaults(
      own.faults.map((fault) => problemOf(fault, "error")),
      "correct the invariants' file",
    );
  const all = [...shipped, ...own.invariants];
  const asked = only === undefined ? all : all.filter(({ name }) => name === only);
  if (only !== undefined && asked.length === 0)
    throw new Problem("not_found", `there is no invariant \`${only.slice(0, 100)}\``, {
      help: workspace.invariants === undefined ? "there is no `policies/invariants.yaml`" : "look at the names there",
    });
  const now = () => sources.clock.tick();
  const end = now() + limits.allMs;
  return withSolver(sources, async (solver) => {
    const proofs: Proof[] = [];
    for (const invariant of asked) {
      const invariantMs = Math.min(limits.invariantMs, Math.max(0, end - now()));
      proofs.push(await prove(policies, invariant, solver, { ...limits, invariantMs, now }));
    }
    return proofs;
  });
}

/** A solver of one's own, that is gone afterwards. */
export async function withSolver<Told>(sources: LoadSources, work: (solver: Solver) => Promise<Told>): Promise<Told> {
  const solver = new Solver(sources.solvers);
  try {
    return await work(solver);
  } finally {
    solver.close();
  }
}

/** The names of what its guardrails count and read, also of those that wait for their tools. */
function namesToCome({ workspace }: Pick<DraftWorkspace, "workspace">): ReturnType<typeof factNames> {
  const all = workspace.workflows.map((workflow) => {
    const tools = new Set(workflow.guardrails.flatMap((one) => one.tools ?? []));
    return { workflow: workflow.name, guardrails: guardrailsOf(workflow, tools) };
  });
  return factNames(all, []);
}

function invariantsOf({ workspace }: Pick<DraftWorkspace, "workspace">): readonly Invariant[] {
  return (workspace.invariants?.list ?? []).map((written) => ({ ...written, source: "own" }));
}
