import type { Tx } from "../db/db.ts";
import {
  dropProposal,
  holdErasing,
  insertErasures,
  insertProposal,
  readProposal,
  runStates,
  type SubjectState,
  statesOf,
  subjectsOfRun,
  whyNot,
} from "../erasure/index.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { handsOf, type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { finishErasures } from "./finish-erasures.ts";
import { govern } from "./govern.ts";
import { linkedWith } from "./linked-with.ts";

export interface ErasureRequest {
  /** Actions, advisory decisions and runs; a run stands for all that is in it. */
  readonly subjects: readonly string[];
  readonly reason: string;
}

export interface ErasureMade {
  readonly id: string;
  readonly erased: boolean;
  readonly subjects: readonly string[];
  /** Actions that are not among them and hold content of theirs: an undo, and what it undid. */
  readonly linked: readonly string[];
  /** The deed; it says who and why. */
  readonly entry: string;
}

const most = 500;

/** First half: somebody asks that content is erased for good. In an organisation of one it is gone at once, and says so. */
export async function proposeErasure(
  control: Control,
  person: PersonCaller,
  { subjects: named, reason }: ErasureRequest,
): Promise<ErasureMade> {
  const context = contextOf(control, {});
  requireMay(person, "erase", context);
  if (reason.trim() === "") throw new Problem("invalid", "erasing needs a reason", { at: "/reason" });
  const { db } = control.parts;
  const subjects = await spelledOut(db, named);
  const states = await statesFor(db, subjects);
  const linked = await linkedWith(control.parts, subjects);
  const id = newId("gov", control.parts.clock.now());
  const request = { id, subjects, reason };
  if (context.singlePerson) {
    const entry = await erase(control, { ...request, signed: [person.email], single: true }, states);
    return { id, erased: true, subjects, linked, entry };
  }
  await govern(control, {
    kind: "erased",
    person: person.email,
    ...workflowOf(states),
    payload: { proposed: { subjects, reason }, by: person.email },
    id,
    raises: false,
    change: async (tx) => {
      await statesFor(tx, subjects);
      await insertProposal(tx, { ...request, by: person.email, vouchedBy: handsOf(person).vouchedBy });
    },
  });
  return { id, erased: false, subjects, linked, entry: id };
}

/** Second half: another person signs, and it is gone. */
export async function signErasure(control: Control, person: PersonCaller, id: string): Promise<ErasureMade> {
  const { db } = control.parts;
  const proposal = await readProposal(db, id);
  if (proposal === undefined) throw new Problem("not_found", `no erasure \`${id.slice(0, 60)}\` waits for a signature`);
  const first = { person: proposal.by, vouchedBy: proposal.vouchedBy };
  const permission = requireMay(person, "erase", contextOf(control, { first }));
  const { subjects, reason } = proposal;
  const states = await statesFor(db, subjects);
  const linked = await linkedWith(control.parts, subjects);
  const single = permission.singlePerson;
  const entry = await erase(control, { id, subjects, reason, signed: [proposal.by, person.email], single }, states);
  return { id, erased: true, subjects, linked, entry };
}

async function erase(
  control: Control,
  request: {
    readonly id: string;
    readonly subjects: readonly string[];
    readonly reason: string;
    readonly signed: readonly string[];
    readonly single: boolean;
  },
  states: readonly SubjectState[],
): Promise<string> {
  const { id: proposal, subjects, reason, signed, single } = request;
  const deed = newId("gov", control.parts.clock.now());
  await govern(control, {
    kind: "erased",
    person: signed.at(-1) ?? "",
    ...workflowOf(states),
    payload: { erased: subjects, reason, signed, single, proposal },
    id: deed,
    raises: false,
    change: async (tx) => {
      await holdErasing(tx);
      if (!(await dropProposal(tx, proposal)) && !single)
        throw new Problem("conflict", "somebody else signed it first");
      await statesFor(tx, subjects);
      await insertErasures(tx, subjects, deed);
    },
  });
  while ((await finishErasures(control.parts)) > 0);
  return deed;
}

/** A run's name stands for its actions too, so that what was asked for is what the record names. */
async function spelledOut(tx: Tx, named: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const name of named) {
    const isRun = name.startsWith("run_");
    for (const one of isRun ? await subjectsOfRun(tx, name, most + 1) : [name]) found.add(one);
    if (isRun && (await runStates(tx, [name])).some((run) => run.hasContent)) found.add(name);
  }
  if (found.size > most) throw new Problem("too_large", `more than ${most} at once`, { help: "erase them in parts" });
  if (found.size === 0) throw new Problem("not_found", "there is nothing of that name to erase");
  return [...found].sort();
}

/** How each subject stands; fails where one of them cannot be erased. */
async function statesFor(tx: Tx, subjects: readonly string[]): Promise<readonly SubjectState[]> {
  const states = [
    ...(await statesOf(tx, subjects)),
    ...(await runStates(
      tx,
      subjects.filter((one) => one.startsWith("run_")),
    )),
  ];
  const known = new Set(states.map(({ subject }) => subject));
  const missing = subjects.find((one) => !known.has(one));
  if (missing !== undefined) throw new Problem("not_found", `there is no \`${missing.slice(0, 60)}\` here`);
  const because = states.map(whyNot).find((why) => why !== undefined);
  if (because !== undefined) throw new Problem("conflict", because);
  return states;
}

/** The workflow's DRI may read the deed where all of it is theirs. */
function workflowOf(states: readonly SubjectState[]): { readonly workflow?: string } {
  const [first, ...others] = new Set(states.map(({ workflow }) => workflow));
  return first == null || others.length > 0 ? {} : { workflow: first };
}
