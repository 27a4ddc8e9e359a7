import {
  comparePlaces,
  type HeldFilter,
  type HeldLine,
  listHeld,
  type OpenAction,
  placeOf,
  readPlace,
  voidNow,
  withoutReason,
  writePlace,
} from "../action/index.ts";
import type { PersonCaller } from "../identity/index.ts";
import { answering, dayOf } from "../workflows/index.ts";
import type { Control } from "./control.ts";
import { listSeeded } from "./list-seeded.ts";
import { mayAnswer } from "./show-approval.ts";

export interface ApprovalsWanted extends Omit<HeldFilter, "asked"> {
  readonly mine: boolean;
  readonly cursor?: string;
  readonly limit: number;
}

/** `voided`: they approved it, and that no longer counts. */
export type ApprovalLine = OpenAction & { readonly yours: boolean; readonly voided?: string };

/** What waits for people, in order. What was seeded for this person stands among it like anything else. */
export async function listApprovals(
  control: Control,
  person: PersonCaller,
  wanted: ApprovalsWanted,
): Promise<{ readonly approvals: readonly ApprovalLine[]; readonly next?: string }> {
  const { mine, cursor, limit, ...filter } = wanted;
  const after = cursor === undefined ? undefined : readPlace(filter.order, cursor);
  const asked = mine ? { asked: askedOfThem(control, person) } : {};
  const isTheirs = answerable(control, person);
  const lines: (HeldLine & { readonly yours: boolean })[] = [];
  let from = after;
  let isAll = false;
  for (let rounds = 0; rounds < mostRounds && !isAll; rounds++) {
    const found = await listHeld(control.parts, { ...filter, ...asked }, from, stride);
    for (const line of found) {
      const yours = isTheirs(line.open);
      if (yours || !mine) lines.push({ ...line, yours });
    }
    from = found.at(-1)?.place ?? from;
    isAll = found.length < stride;
    if (lines.length > limit) break;
  }
  for (const line of await seededLines(control, person, filter))
    if (after === undefined || comparePlaces(after, line.place) < 0) lines.push({ ...line, yours: true });
  lines.sort((one, other) => comparePlaces(one.place, other.place));
  const page = lines.slice(0, limit);
  const last = page.at(-1);
  const { parts } = control;
  const ids = page.map(({ open }) => open.id);
  const voided = new Map((await voidNow(parts, parts.db, ids, person.email)).map((one) => [one.action, one.sentence]));
  const approvals = page.map(({ open, yours }) => {
    const why = voided.get(open.id);
    return { ...lineOf(open), yours, ...(why === undefined ? {} : { voided: why }) };
  });
  if (lines.length > limit && last !== undefined) return { approvals, next: writePlace(filter.order, last.place) };
  // There may be more than was looked through.
  return isAll || from === undefined ? { approvals } : { approvals, next: writePlace(filter.order, from) };
}

/** What one page looks through at most, where most of what waits is for others to answer. */
const stride = 201;
const mostRounds = 10;

/** By what name somebody is asked. */
export function askedOfThem(control: Control, person: PersonCaller): NonNullable<HeldFilter["asked"]> {
  return { from: [person.email, ...person.groups], driOf: driOf(control, person), person: person.email };
}

/** As `mayAnswer`, asked once for all that are asked alike. */
export function answerable(control: Control, person: PersonCaller): (open: OpenAction) => boolean {
  const known = new Map<string, boolean>();
  return (open) => {
    const asked = open.requirements.map((one) => (one.kind === "approval" ? [one.from, one.exclude] : []));
    const key = JSON.stringify([open.agent, open.workflow, open.onBehalfOf, open.vouchedBy, open.standIns, asked]);
    const yours = known.get(key) ?? mayAnswer(control, person, open);
    known.set(key, yours);
    return yours;
  };
}

async function seededLines(control: Control, person: PersonCaller, filter: HeldFilter): Promise<readonly HeldLine[]> {
  const seeded = await listSeeded(control, person);
  return seeded.flatMap(({ open, rank }) =>
    fits(open, filter) ? [{ open, place: placeOf(filter.order, open, rank) }] : [],
  );
}

function fits(open: OpenAction, { workflow, agent, tool, risk, action }: HeldFilter): boolean {
  return (
    (workflow ?? open.workflow) === open.workflow &&
    (agent ?? open.agent) === open.agent &&
    (tool ?? `${open.server}.${open.tool}`) === `${open.server}.${open.tool}` &&
    (risk ?? open.risk?.level) === open.risk?.level &&
    (action ?? open.id) === open.id
  );
}

/** A line says nothing of what only the whole request shows. */
function lineOf(open: OpenAction): OpenAction {
  const { args: _a, beyond: _b, before: _c, plan: _d, claim: _e, reach: _f, flow: _g, ...most } = open;
  const { questions: _h, editOf: _i, undoes, ...line } = most;
  return undoes === undefined ? line : { ...line, undoes: withoutReason(undoes) };
}

/** The workflows whose DRI this person is, or stands in for. */
function driOf(control: Control, person: PersonCaller): readonly string[] {
  const { workspace } = control.keeper.loaded();
  const day = dayOf(control.parts.ledger.now());
  return (workspace?.workflows ?? [])
    .filter((one) => answering(one, day).some((each) => each.person === person.email))
    .map(({ name }) => name);
}
