import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@countersign/contract";
import { parse } from "yaml";
import { z } from "zod";

/** Sessions with the servers, the world and the workspace that they are of. */
export interface FlowSet {
  readonly folder: string;
  /** The agent of each workflow. */
  readonly agents: { readonly [workflow: string]: string };
}

/** The sessions that the rules were written beside. */
export const ownSet: FlowSet = {
  folder: import.meta.dirname,
  agents: { support: "deskhand", sales: "seller", devops: "operator" },
};

/** Sessions of other work, written before any of them was replayed. */
export const heldOutSet: FlowSet = {
  folder: join(import.meta.dirname, "held-out"),
  agents: { office: "scribe", money: "purse", team: "herald", trip: "scout" },
};

export const workflowsOf = ({ agents }: FlowSet): readonly string[] => Object.keys(agents);
export const workflows = workflowsOf(ownSet);

const step = z.strictObject({
  call: z.string().regex(/^[a-z]+\.[a-z_]+$/),
  args: z.record(z.string(), z.json()),
  /** A name for the answer, which later arguments refer to. */
  as: z.string().optional(),
  /** In a run that the agent opens under its own. */
  run: z.literal("child").optional(),
  /** Does no harm by itself. */
  prepares: z.boolean().default(false),
});

const run = z.strictObject({
  task: z.string(),
  parameters: z.record(z.string(), z.json()).optional(),
  plan: z.array(z.strictObject({ tool: z.string(), target: z.string().optional() })).optional(),
});

const honest = z.strictObject({
  name: z.string(),
  run: z.union([run, z.literal("none")]),
  steps: z.array(step).min(1),
});

const plant = z.strictObject({ at: z.string(), add: z.string().optional(), set: z.json().optional() });

const attack = z.strictObject({
  name: z.string(),
  of: z.string(),
  after: z.int().min(1),
  plant: z.array(plant).min(1),
  attack: z.array(step).min(1),
});

const file = z.strictObject({
  honest: z.array(honest),
  hijacked: z.array(attack),
  mislabelled: z.array(attack.extend({ wrong: z.string() })).default([]),
});

export interface Step extends Omit<z.output<typeof step>, "args"> {
  readonly args: JsonObject;
  readonly isAttack: boolean;
}

/** A change of what others wrote: a path such as `desk.tickets.T-1.body`. */
export type Plant = z.output<typeof plant>;

/** One run of an agent. In a hijacked one the agent obeys what was planted, at once. */
export interface Session {
  readonly name: string;
  readonly workflow: string;
  readonly agent: string;
  readonly kind: "honest" | "hijacked" | "mislabelled";
  /** What a person opened the run with; absent where nobody did. */
  readonly run?: z.output<typeof run>;
  readonly plant: readonly Plant[];
  readonly steps: readonly Step[];
}

export function readSessions(set = ownSet): readonly Session[] {
  return workflowsOf(set).flatMap((workflow) => sessionsOf(set, workflow));
}

function sessionsOf({ folder, agents }: FlowSet, workflow: string): readonly Session[] {
  const text = readFileSync(join(folder, "sessions", `${workflow}.yaml`), "utf8");
  const read = file.parse(parse(text));
  const plain = read.honest.map(
    (one): Session => ({
      name: one.name,
      workflow,
      agent: agents[workflow] ?? "",
      kind: "honest",
      ...(one.run === "none" ? {} : { run: one.run }),
      plant: [],
      steps: one.steps.map((each) => ({ ...each, isAttack: false })),
    }),
  );
  const turned =
    (kind: Session["kind"]) =>
    (one: z.output<typeof attack>): Session => {
      const base = plain.find(({ name }) => name === one.of);
      if (base === undefined) throw new Error(`${workflow}: there is no honest session \`${one.of}\``);
      if (one.after > base.steps.length)
        throw new Error(`${workflow}: \`${one.of}\` has fewer than ${one.after} steps`);
      const attacks = one.attack.map((each) => ({ ...each, isAttack: true }));
      return {
        ...base,
        name: one.name,
        kind,
        plant: one.plant,
        steps: [...base.steps.slice(0, one.after), ...attacks],
      };
    };
  return [...plain, ...read.hijacked.map(turned("hijacked")), ...read.mislabelled.map(turned("mislabelled"))];
}
