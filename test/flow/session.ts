import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@countersign/contract";
import { parse } from "yaml";
import { z } from "zod";

export const workflows = ["support", "sales", "devops"] as const;
export type WorkflowName = (typeof workflows)[number];

/** The agent of each workflow. */
export const agents: Readonly<Record<WorkflowName, string>> = {
  support: "deskhand",
  sales: "seller",
  devops: "operator",
};

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
  readonly workflow: WorkflowName;
  readonly kind: "honest" | "hijacked" | "mislabelled";
  /** What a person opened the run with; absent where nobody did. */
  readonly run?: z.output<typeof run>;
  readonly plant: readonly Plant[];
  readonly steps: readonly Step[];
}

export function readSessions(): readonly Session[] {
  return workflows.flatMap((workflow) => sessionsOf(workflow));
}

function sessionsOf(workflow: WorkflowName): readonly Session[] {
  const text = readFileSync(join(import.meta.dirname, "sessions", `${workflow}.yaml`), "utf8");
  const read = file.parse(parse(text));
  const plain = read.honest.map(
    (one): Session => ({
      name: one.name,
      workflow,
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
