import {
  digestOfShown,
  effectOf,
  type HeldLine,
  listHeld,
  noteShown,
  type OpenAction,
  shownSince,
} from "../action/index.ts";
import { differenceShape, kindOf, mostTogether, pathsOf, sampleOf, whyAlone } from "../approvals/index.ts";
import type { PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { answerable, askedOfThem } from "./list-approvals.ts";
import { freshNonce, nobodys, type ShownApproval, toldOf } from "./show-approval.ts";

/** Held actions that one person may answer together. */
export interface Batch {
  readonly server: string;
  readonly tool: string;
  readonly workflow: string;
  readonly environment: string;
  readonly verb: string;
  readonly paths: readonly string[];
  /** Of the difference, in words. */
  readonly shape: readonly string[];
  /** The words of risk. */
  readonly risk: readonly string[];
  readonly sample: number;
  readonly items: readonly (ShownApproval & { readonly opened: boolean })[];
  readonly more: number;
}

/** What may be answered together, and how much that may be alike was not looked at this time. */
export interface Batches {
  readonly batches: readonly Batch[];
  readonly unlooked: number;
}

const stride = 1000;
const mostKinds = 10;
/** Of one kind so many are opened to be compared, the oldest first: each is read whole. */
const mostCompared = mostTogether * 3;

/** What waits and may be answered together, each whole. What was put before whom is noted, as a list and not by itself. */
export async function listBatches(control: Control, person: PersonCaller): Promise<Batches> {
  const mine = await allTheirs(control, person);
  const alike = Object.values(Object.groupBy(mine, (open) => kindOf(open))).filter((found = []) => found.length > 1);
  const batches: Batch[] = [];
  let unlooked = 0;
  for (const [at, found = []] of alike.entries()) {
    const looked = at < mostKinds ? found.slice(0, mostCompared) : [];
    unlooked += found.length - looked.length;
    batches.push(...(await batchesOf(control, person, looked)));
  }
  return { batches, unlooked };
}

/** Everything that this person may answer and no stop freezes, the oldest first. */
async function allTheirs(control: Control, person: PersonCaller): Promise<readonly OpenAction[]> {
  const isTheirs = answerable(control, person);
  const filter = { order: "time", asked: askedOfThem(control, person) } as const;
  const theirs: OpenAction[] = [];
  let after: HeldLine["place"] | undefined;
  for (;;) {
    const found = await listHeld(control.parts, filter, after, stride);
    theirs.push(...found.map(({ open }) => open).filter((open) => open.frozenBy === undefined && isTheirs(open)));
    after = found.at(-1)?.place;
    if (found.length < stride) return theirs;
  }
}

async function batchesOf(
  control: Control,
  person: PersonCaller,
  lines: readonly OpenAction[],
): Promise<readonly Batch[]> {
  const found = [];
  for (const { id } of lines) {
    const open = await control.hall.open(id);
    if (open?.state === "held" && whyAlone(open) === undefined) found.push(open);
  }
  const batches: Batch[] = [];
  for (const alike of Object.values(Object.groupBy(found, (open) => kindOf(open, effectOf(open))))) {
    const [first, second] = alike ?? [];
    if (alike === undefined || first === undefined || second === undefined) continue;
    const { server, tool, workflow, environment, verb, args = null } = first;
    const shown = alike.slice(0, mostTogether);
    const items = await Promise.all(shown.map((open) => put(control, person, open)));
    const sample = Math.min(sampleOf, items.length);
    const more = alike.length - items.length;
    const shape = differenceShape(effectOf(first), args);
    const risk = first.risk?.words.map(({ word }) => word).toSorted() ?? [];
    const common = { paths: pathsOf(args), shape, risk };
    batches.push({ server, tool, workflow, environment, verb, ...common, sample, items, more });
  }
  return batches;
}

async function put(control: Control, person: PersonCaller, open: OpenAction): Promise<Batch["items"][number]> {
  const shownDigest = digestOfShown(open);
  const to = { action: open.id, person: person.email, digest: shownDigest };
  await noteShown(control.parts.db, { ...to, opened: false }, freshNonce());
  const shown = await shownSince(control.parts.db, to);
  const told = await toldOf(control, open);
  const effect = effectOf(open);
  const opened = shown?.opened === true;
  return { ...open, ...told, yours: true, shownDigest, effect, passkey: nobodys(open), opened };
}
