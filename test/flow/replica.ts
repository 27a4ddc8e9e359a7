import type { JsonObject } from "@countersign/contract";
import type { Call } from "../../packages/countersign/src/action/call.ts";
import type { Parts } from "../../packages/countersign/src/action/parts.ts";
import type { Plane } from "../../packages/countersign/src/action/plane.ts";
import { createChecks } from "../../packages/countersign/src/checks/index.ts";
import { noKnownValues } from "../../packages/countersign/src/checks/known-values.ts";
import type { Db, Statement } from "../../packages/countersign/src/db/db.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { newId } from "../../packages/countersign/src/floor/id.ts";
import { Families, type Mark } from "../../packages/countersign/src/flow/index.ts";
import { policySources } from "../../packages/countersign/src/governance/compile-workspace.ts";
import { compile, decide, needsOf, readsFlow } from "../../packages/countersign/src/policy/index.ts";
import type { FlowWorld } from "./catalog.ts";
import { type Guard, guarded } from "./replay.ts";
import type { Session } from "./session.ts";

/** A run that was opened for a session. */
export interface Opened {
  readonly workflow: string;
  readonly agent: string;
  /** Absent where nobody opened one. */
  readonly run: string | undefined;
  /** A run that the agent opens under it. */
  child(task: string): string;
}

/** The parts of the hall that decide, over tables in memory. */
export interface Replica {
  readonly parts: Parts;
  readonly plane: Plane;
  /** What the flow facts of each call that is no plain read took, in milliseconds. */
  readonly took: readonly number[];
  open(session: Session): Opened;
  /** What the next read of a target answers. */
  expect(before: JsonObject | undefined): void;
  ended(call: Call): void;
}

interface RunRow {
  readonly id: string;
  readonly agent: string;
  readonly workflow: string;
  readonly trusted: boolean;
  readonly task: string | null;
  readonly parameters: unknown;
  readonly parent: string | null;
  readonly root: string;
  readonly plan: unknown;
  readonly closed_at: null;
}

/** `guard` stands in the place of the shipped rules on flow. */
export async function openReplica(world: FlowWorld, guard?: Guard): Promise<Replica> {
  const runs = new Map<string, RunRow>();
  const marks: (Mark & { readonly root: string })[] = [];
  const endedIn: { readonly root: string; readonly id: string }[] = [];
  const took: number[] = [];
  let before: JsonObject | undefined;
  const plane = await planeOf(world, guard);
  const lineOf = (id: string): readonly RunRow[] => {
    const row = runs.get(id);
    return row === undefined ? [] : [row, ...(row.parent === null ? [] : lineOf(row.parent))];
  };
  /** The statements that a decision makes, by their names. */
  const tables: { readonly [statement: string]: (values: readonly unknown[]) => readonly object[] } = {
    run: ([id]) => lineOf(String(id)).slice(0, 1),
    "line-above"([id]) {
      const line = lineOf(String(id));
      const top = line.findIndex((run) => run.trusted);
      return top === -1 ? line : line.slice(0, top + 1);
    },
    "family-now"([root, run, above, last]) {
      const own = endedIn.filter((one) => one.root === root).map(({ id }) => id);
      return [
        {
          marks: marks.filter((mark) => mark.root === root),
          line: lineOf(String(run)),
          between: own.filter((id) => id > String(above) && id <= String(last)).length,
          actions: own.filter((id) => id > String(last)),
        },
      ];
    },
    "add-marks"([root, kinds, labels, tools, actions]) {
      for (const [at, kind] of (kinds as readonly Mark["kind"][]).entries()) {
        const mark = {
          root: root as string,
          kind,
          label: nth(labels, at),
          tool: nth(tools, at),
          action: nth(actions, at),
        };
        const isThere = marks.some(
          (one) => one.root === root && one.kind === kind && one.label === mark.label && one.tool === mark.tool,
        );
        if (!isThere) marks.push(mark);
      }
      return [];
    },
  };
  const query = async (statement: string | Statement) => {
    const { name = "", values = [] } = typeof statement === "string" ? { name: statement } : statement;
    const table = tables[name];
    if (table === undefined) throw new Error(`a decision made a statement that the replay does not know: \`${name}\``);
    const rows = table(values);
    return { rows, rowCount: rows.length };
  };
  const checks = createChecks({ known: noKnownValues });
  const parts = {
    db: { query } as unknown as Db,
    ledger: { now: () => systemClock.now() },
    plane: { current: () => plane },
    connector: {
      call: async () =>
        before === undefined
          ? { kind: "never_sent", reason: "it was not recorded" }
          : { kind: "answered", result: before },
    },
    checking: { run: checks.run, redact: checks.redact },
    clock: systemClock,
    families: new Families(),
    tally: {
      moved() {},
      took(part: string, ms: number) {
        if (part === "flow") took.push(ms);
      },
    },
  } satisfies Partial<Record<keyof Parts, unknown>> as unknown as Parts;
  return {
    parts,
    plane,
    took,
    open({ workflow, agent, run }) {
      const base = { agent, workflow, closed_at: null };
      if (run === undefined)
        return {
          workflow,
          agent,
          run: undefined,
          child: (task) => newRun({ ...base, trusted: false, task, parameters: null, parent: null, plan: null }),
        };
      const { task, parameters = null, plan = null } = run;
      const id = newRun({ ...base, trusted: true, task, parameters, parent: null, plan });
      // What an agent opens is no trusted channel, and stands under the plan above it.
      const child = (said: string) =>
        newRun({ ...base, trusted: false, task: said, parameters: null, parent: id, plan });
      return { workflow, agent, run: id, child };
    },
    expect(answer) {
      before = answer;
    },
    ended({ id, run: { root } }) {
      if (root !== undefined) endedIn.push({ root, id });
    },
  };

  function newRun(row: Omit<RunRow, "id" | "root">): string {
    const id = newId("run", systemClock.now());
    const root = row.parent === null ? id : (runs.get(row.parent)?.root ?? id);
    runs.set(id, { ...row, id, root });
    return id;
  }
}

const nth = (list: unknown, at: number): string => (list as readonly string[])[at] ?? "";

async function planeOf({ workspace, catalog, pins }: FlowWorld, guard?: Guard): Promise<Plane> {
  const sources = policySources(workspace, catalog, pins, 1);
  const off = sources.workflows.map((rules) => ({ ...rules, flow: "off" as const }));
  const policies = await compile(guard === undefined ? sources : { ...sources, workflows: off });
  const plain = (input: Parameters<Plane["decide"]>[0]) => decide(input, policies);
  const files = new Map(workspace.workflows.map((workflow) => [workflow.name, workflow]));
  return {
    revision: 1,
    organisation: workspace.organisation.name,
    singlePerson: false,
    tool: (server, name) => catalog.tool(server, name),
    decide: guard === undefined ? plain : guarded(plain, guard),
    needs: (workflow, tool) => needsOf(policies, workflow, tool),
    readsFlow: () => readsFlow(policies),
    mayEver: () => true,
    caller(agent, workflow) {
      const known = workspace.agents.find(({ name }) => name === agent);
      const file = files.get(workflow);
      if (known === undefined || file === undefined) return undefined;
      return { owner: known.owner, dri: file.dri, groups: [], tier: file.tier };
    },
    stopFor: () => undefined,
    limits: () => ({}),
    timeoutMs: () => 60_000,
    asked: () => [],
    dri: (workflow) => files.get(workflow)?.dri ?? "",
  };
}
