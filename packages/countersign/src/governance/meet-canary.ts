import type { ActionView, Json, JsonObject } from "@countersign/contract";
import { type Measured, type OpenAction, requireRoom } from "../action/index.ts";
import { useShown } from "../action/shown-sql.ts";
import { answerCanary, type CanaryRow, openCanary } from "../approvals/canary-sql.ts";
import { compareMoments } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import { SubjectKey } from "../ledger/seal.ts";
import { findStop, type StopQuestion } from "../stop/index.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import type { Seeded } from "./plant-canary.ts";
import type { Signed } from "./signed-by.ts";

/** What a seeded request tells its approver once it was answered. */
export interface Met {
  readonly caught: boolean;
  readonly sentence: string;
}

/** What was seeded, opened; undefined where its key is gone. */
export function openSeeded({ parts }: Pick<Control, "parts">, row: CanaryRow): Seeded | undefined {
  try {
    const seeded = SubjectKey.unwrap(row.id, row.wrapped, parts.wrap).open(0, row.sealed) as unknown as Seeded;
    const { opened_at: openedAt, expires_at: expiresAt } = row;
    return { ...seeded, open: { ...seeded.open, openedAt, expiresAt } };
  } catch {
    return undefined;
  }
}

/** One that waits, as if it were held: what a stop freezes is frozen, and while a stop is in force nothing new is held. */
export function waitingSeeded(control: Control, row: CanaryRow): Seeded | undefined {
  const seeded = openSeeded(control, row);
  if (seeded === undefined) return undefined;
  const { stops } = control.keeper.loaded();
  const stop = findStop(stops, stoppedAs(control, seeded.open), control.parts.ledger.now());
  if (stop === undefined) return seeded;
  if (compareMoments(seeded.open.openedAt, stop.takenAt) > 0) return undefined;
  return { ...seeded, open: { ...seeded.open, frozenBy: stop.id } };
}

/** By what a stop finds it. */
export function stoppedAs({ parts }: Control, { agent, workflow, server, tool, args }: OpenAction): StopQuestion {
  const known = parts.plane.current().tool(server, tool);
  const system = isObject(args) ? known?.classify(args).system : undefined;
  return { agent, workflow, tool: `${server}.${tool}`, system: system ?? server };
}

/** The seeded request of this id that waits for this person, as if it were held; nobody else meets it. */
export async function seededFor(control: Control, person: PersonCaller, id: string): Promise<Seeded | undefined> {
  const row = await openCanary(control.parts.db, person.email, id);
  return row === undefined ? undefined : waitingSeeded(control, row);
}

interface MetRequest {
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly shownDigest: string;
  readonly dwellMs: number | null;
  readonly perHour?: number;
  readonly measured: Measured;
  readonly passkey?: Signed["proof"];
  readonly alongside?: Signed["alongside"];
}

/** Answers a seeded request: recorded as governance, and told at once. Nothing runs, since there is nothing that could. */
export async function meetCanary(
  control: Control,
  person: PersonCaller,
  seeded: Seeded,
  { verdict, reason, shownDigest, dwellMs, perHour, measured, passkey, alongside }: MetRequest,
): Promise<{ readonly canary: Met; readonly view: ActionView }> {
  const { open, bad } = seeded;
  const caught = verdict === "deny";
  await govern(control, {
    kind: "canary",
    person: person.email,
    workflow: open.workflow,
    payload: {
      canary: open.id,
      caught,
      verdict,
      reason,
      shownDigest,
      dwellMs,
      shownMs: Math.round(measured.shownMs),
      bad,
    },
    raises: false,
    change: async (tx) => {
      if (!caught && perHour !== undefined) await requireRoom(tx, person.email, open.id, perHour);
      if (passkey !== undefined && !(await useShown(tx, { action: open.id, person: person.email }, passkey.nonce)))
        throw new Problem("conflict", "this signature was used already", { help: "look at it again" });
      await alongside?.(tx);
      const answered = { id: open.id, person: person.email, verdict, reason, dwell_ms: dwellMs };
      if (!(await answerCanary(tx, answered))) throw new Problem("conflict", "it no longer waits for an answer");
    },
  });
  const sentence = metSentence(caught, bad);
  return { canary: { caught, sentence }, view: viewOf(open, sentence) };
}

export function metSentence(caught: boolean, bad: string): string {
  return caught
    ? `you caught a seeded request: ${bad}. It was no action, and your denial went to nobody`
    : `you approved a seeded request that should have been denied: ${bad}. It was no action, and nothing happened`;
}

function viewOf(open: OpenAction, sentence: string): ActionView {
  const { id, agent, workflow, run, server, tool, verb, target, environment, callDigest, openedAt } = open;
  return {
    ...{ id, agent, workflow, run, server, tool, target, environment, callDigest },
    verb: verb as ActionView["verb"],
    state: "refused",
    refusal: "denied",
    argsDigest: callDigest,
    at: openedAt,
    sentence,
    requirements: [],
    receipt: "",
  };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
