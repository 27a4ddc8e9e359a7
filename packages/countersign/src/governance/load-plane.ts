import type { Tier } from "@countersign/contract";
import type { Plane } from "../action/index.ts";
import {
  buildCatalog,
  type Catalog,
  type Definition,
  loadSqlParser,
  normalisers,
  type Packs,
} from "../catalog/index.ts";
import { readPins } from "../catalog/sql.ts";
import type { Db } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import {
  type Directory,
  everybody,
  frozenBecause,
  type ProviderPerson,
  providerPeople,
  workloadRules,
} from "../identity/index.ts";
import {
  type CompiledPolicies,
  decide,
  type Evaluate,
  mayEver,
  needsOf,
  readsFlow,
  type SolverCommand,
} from "../policy/index.ts";
import { findStop, type Stop, stopsInForce } from "../stop/index.ts";
import type { Waiver } from "../tiers/index.ts";
import { tierInForce } from "../tiers/index.ts";
import { isAttached, ruleDigest } from "../vetoes/index.ts";
import { answering, dayOf, standsIn } from "../workflows/index.ts";
import { check, type Workspace } from "../workspace/index.ts";
import type { Apart } from "./apart.ts";
import { compileWorkspace, shapesOf } from "./compile-workspace.ts";
import type { Loaded } from "./control.ts";
import { toolProofs } from "./proof-sql.ts";
import { closedPolicySets, keepPolicyTexts, latestWorkspace, readRevision, waiverRows } from "./sql.ts";
import { rulesOf, type UnprovenTool, unprovenOf, unprovenSentence } from "./tool-proof.ts";

export interface LoadSources {
  readonly db: Db;
  readonly clock: Clock;
  readonly packs: Packs;
  /** What each upstream lists now, as this replica has seen it. */
  readonly definitions: () => ReadonlyMap<string, readonly Definition[]>;
  /** Absolute path of the workspace folder, for `${workspace}`. */
  readonly folder: string;
  /** Database time, ms since the epoch. */
  readonly now: () => number;
  /** How policies are evaluated, where not as `decide` does by itself. */
  readonly evaluate?: Evaluate;
  /** The solvers that invariants are proven with, best first. */
  readonly solvers: readonly SolverCommand[];
  /** Where absent, everything is read in this thread. */
  readonly apart?: () => Apart;
}

/** Reads everything that is in force and puts it together as one value. */
export async function loadPlane(sources: LoadSources, before: Loaded | undefined): Promise<Loaded> {
  const { db } = sources;
  // INVARIANT: the revision is read first, so that a change while we read is seen as newer the next time.
  const revision = await readRevision(db);
  const [row, stops, waivers, pins, closed, said] = await Promise.all([
    latestWorkspace(db),
    stopsInForce(db),
    waiverRows(db),
    readPins(db),
    closedPolicySets(db),
    providerPeople(db),
  ]);
  const files = row?.files ?? {};
  const checked = row === undefined ? undefined : check(files, { packs: sources.packs });
  if (checked !== undefined && checked.workspace === undefined) {
    throw new Problem("unavailable", "the workspace in force does not pass its check with this version", {
      help: `${checked.problems[0]?.file ?? ""}: ${checked.problems[0]?.message ?? ""}`,
    });
  }
  const workspace = checked?.workspace;
  // INVARIANT: what is in force is what somebody signed the digest of.
  if (workspace?.digest !== row?.digest)
    throw new Problem("unavailable", "the files in force are not those whose digest was put in force", {
      help: "somebody changed them in the database: restore a backup, and look who can write there",
    });
  const catalog = buildCatalog({
    files: workspace?.toolsFiles ?? [],
    packs: sources.packs,
    pins,
    definitions: sources.definitions(),
    environments: workspace?.environments ?? [],
    workspace: sources.folder,
  });
  // INVARIANT: before it is loaded no SQL is a clean value, so a call that comes too early is refused, not misread.
  if (usesSql(catalog)) await loadSqlParser();
  // INVARIANT: a tool is in no policy's reach before the invariants are proven of the set that it makes.
  const unproven =
    workspace === undefined
      ? new Map<string, UnprovenTool>()
      : unprovenOf(shapesOf(catalog, pins), await toolProofs(db, rulesOf(workspace)));
  const without = new Set(unproven.keys());
  const policies = await compileWorkspace(workspace, catalog, pins, row?.revision ?? 0, before?.policies, without);
  // INVARIANT: the texts are kept before any decision can name them.
  if (policies !== before?.policies) await keepPolicyTexts(db, policies.policies);
  const standing = waivers.map(waiverOf);
  const directory = directoryOf(workspace, standing, said, sources.now);
  const plane = planeOf({
    revision,
    workspace,
    directory,
    catalog,
    policies,
    unproven,
    stops,
    now: sources.now,
    tick: () => sources.clock.tick(),
    closed: closed.includes(policies.digest),
    ...(sources.evaluate === undefined ? {} : { evaluate: sources.evaluate }),
  });
  return { plane, revision, workspace, files, directory, catalog, policies, unproven, stops, waivers: standing };
}

function usesSql(catalog: Catalog): boolean {
  return catalog.servers.some((server) =>
    catalog.list(server).some(({ parsed }) => Object.values(parsed ?? {}).includes(normalisers.sql.shape)),
  );
}

function waiverOf(row: Awaited<ReturnType<typeof waiverRows>>[number]): Waiver & { readonly id: string } {
  return {
    id: row.id,
    agent: row.agent,
    workflow: row.workflow,
    tier: row.tier as Tier,
    by: row.signed_by,
    single: row.single,
    from: row.starts_at,
    until: row.ends_at,
    reason: row.reason,
  };
}

function directoryOf(
  workspace: Workspace | undefined,
  waivers: readonly Waiver[],
  said: readonly ProviderPerson[],
  now: () => number,
): Directory {
  const workflows = new Map(workspace?.workflows.map((workflow) => [workflow.name, workflow]));
  const agents = (workspace?.agents ?? []).flatMap((agent) => {
    const workflow = agent.workflow === undefined ? undefined : workflows.get(agent.workflow);
    return workflow === undefined
      ? []
      : [{ name: agent.name, owner: agent.owner, workflow: workflow.name, dri: workflow.dri, groups: [] }];
  });
  return {
    agents: new Map(agents.map((agent) => [agent.name, agent])),
    people: everybody(workspace?.people ?? [], said, workspace?.organisation.login.provider),
    disabled: new Set((workspace?.people ?? []).filter((one) => one.disabled).map(({ email }) => email)),
    workloads: workloadRules(workspace?.agents ?? []),
    singlePerson: workspace?.organisation.singlePerson ?? false,
    tierOf: (agent, workflow) =>
      tierInForce({ agent, workflow, asked: workflows.get(workflow)?.tier ?? 0 }, waivers, now()),
  };
}

interface PlaneSources {
  readonly revision: number;
  readonly workspace: Workspace | undefined;
  readonly directory: Directory;
  readonly catalog: Catalog;
  readonly policies: CompiledPolicies;
  readonly unproven: Loaded["unproven"];
  readonly stops: readonly Stop[];
  readonly now: () => number;
  readonly tick: () => number;
  readonly closed: boolean;
  readonly evaluate?: Evaluate;
}

function planeOf(sources: PlaneSources): Plane {
  const { workspace, directory, catalog, policies, unproven, tick, closed, evaluate } = sources;
  const options = { tick, closed, ...(evaluate === undefined ? {} : { evaluate }) };
  const workflows = new Map(workspace?.workflows.map((workflow) => [workflow.name, workflow]));
  const vetoes = (workspace?.organisation.vetoes ?? []).map((rule) => ({
    name: rule.name,
    digest: ruleDigest(rule),
    rule,
  }));
  const vetoesOf = (workflow: string, tool: string) => vetoes.filter(({ rule }) => isAttached(rule, workflow, tool));
  const groups = new Map<string, string[]>();
  for (const person of directory.people.values()) {
    for (const group of person.groups) groups.set(group, [...(groups.get(group) ?? []), person.email]);
  }
  const asked = (from: string, workflow: string): readonly string[] => {
    if (from.includes("@")) return directory.people.has(from) ? [from] : [];
    const file = workflows.get(workflow);
    if (from !== "dri" || file === undefined) return groups.get(from) ?? [];
    const all = answering(file, dayOf(sources.now())).map(({ person }) => person);
    return all.filter((person) => directory.people.has(person));
  };
  const told = (to: string, workflow: string): readonly string[] => {
    const file = workflows.get(workflow);
    return asked(file !== undefined && to === file.dri ? standsIn(file, dayOf(sources.now())) : to, workflow);
  };
  return {
    revision: sources.revision,
    organisation: workspace?.organisation.name ?? "",
    singlePerson: directory.singlePerson && directory.people.size === 1,
    tool: (server, name) => catalog.tool(server, name),
    decide(input) {
      const missing = unproven.get(input.action.tool);
      return decide(input, policies, {
        ...options,
        ...(missing === undefined ? {} : { unproven: unprovenSentence(missing) }),
        vetoes: vetoesOf(input.principal.workflow, input.action.tool),
      });
    },
    isPending(tool) {
      const missing = unproven.get(tool);
      return missing !== undefined && missing.why === undefined;
    },
    vetoes: vetoesOf,
    needs: (workflow, tool) => needsOf(policies, workflow, tool),
    readsFlow: (workflow, tool) => readsFlow(policies) || vetoesOf(workflow, tool).length > 0,
    mayEver: (agent, workflow, tool) => tool.reviewed && mayEver(policies, { agent, workflow }, tool.id, sources.now()),
    caller(agent, workflow) {
      const known = directory.agents.get(agent);
      if (known === undefined || known.workflow !== workflow || frozenBecause(directory, agent) !== undefined)
        return undefined;
      return { owner: known.owner, dri: known.dri, groups: known.groups, tier: directory.tierOf(agent, workflow) };
    },
    stopFor(subject) {
      const stop = findStop(sources.stops, subject, sources.now());
      return stop === undefined
        ? undefined
        : {
            id: stop.id,
            by: stop.by,
            reason: stop.reason,
            until: stop.untilMs === null ? null : new Date(stop.untilMs).toISOString(),
          };
    },
    limits(workflow) {
      return { ...workspace?.organisation.limits, ...workflows.get(workflow)?.budget.calls };
    },
    timeoutMs: (server) => catalog.file(server)?.limits.timeoutMs ?? 60_000,
    maxResultBytes: (server) => catalog.file(server)?.limits.maxResultBytes ?? 4_194_304,
    asked,
    told,
    mayStandIn: (workflow, person) =>
      (workflows.get(workflow)?.escalation ?? []).some(
        ({ to, mayAnswer }) => mayAnswer && told(to, workflow).includes(person),
      ),
    dri: (workflow) => workflows.get(workflow)?.dri ?? "",
    ...(workspace === undefined ? {} : { answering: workspace.organisation.approvals }),
  };
}
