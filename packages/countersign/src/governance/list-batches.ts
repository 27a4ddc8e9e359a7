import { digestOfShown, effectOf, noteShown, shownSince } from "../action/index.ts";
import { kindOf, mostTogether, pathsOf, sampleOf, whyAlone } from "../approvals/index.ts";
import type { PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { freshNonce, mayAnswer, nobodys, type ShownApproval, toldOf } from "./show-approval.ts";

/** Held actions that one person may answer together. */
export interface Batch {
  readonly server: string;
  readonly tool: string;
  readonly workflow: string;
  readonly environment: string;
  readonly verb: string;
  readonly paths: readonly string[];
  readonly sample: number;
  readonly items: readonly (ShownApproval & { readonly opened: boolean })[];
  readonly more: number;
}

const mostLooked = 1000;
const mostKinds = 10;

/** What waits and may be answered together, each whole. What was put before whom is noted, as a list and not by itself. */
export async function listBatches(control: Control, person: PersonCaller): Promise<readonly Batch[]> {
  const lines = await control.hall.listOpen(["held"], mostLooked);
  const mine = lines.filter((open) => open.frozenBy === undefined && mayAnswer(control, person, open));
  const alike = Object.values(Object.groupBy(mine, kindOf)).filter((found = []) => found.length > 1);
  const batches: Batch[] = [];
  for (const found of alike.slice(0, mostKinds))
    batches.push(
      ...(await batchesOf(
        control,
        person,
        (found ?? []).map(({ id }) => id),
      )),
    );
  return batches;
}

async function batchesOf(control: Control, person: PersonCaller, ids: readonly string[]): Promise<readonly Batch[]> {
  const found = [];
  for (const id of ids.slice(0, mostTogether * 3)) {
    const open = await control.hall.open(id);
    if (open?.state === "held" && whyAlone(open) === undefined) found.push(open);
  }
  const batches: Batch[] = [];
  for (const alike of Object.values(Object.groupBy(found, kindOf))) {
    const [first, second] = alike ?? [];
    if (alike === undefined || first === undefined || second === undefined) continue;
    const { server, tool, workflow, environment, verb, args = null } = first;
    const shown = alike.slice(0, mostTogether);
    const items = await Promise.all(shown.map((open) => put(control, person, open)));
    const sample = Math.min(sampleOf, items.length);
    const more = alike.length - items.length;
    batches.push({ server, tool, workflow, environment, verb, paths: pathsOf(args), sample, items, more });
  }
  return batches;
}

async function put(
  control: Control,
  person: PersonCaller,
  open: NonNullable<Awaited<ReturnType<Control["hall"]["open"]>>>,
): Promise<Batch["items"][number]> {
  const shownDigest = digestOfShown(open);
  const to = { action: open.id, person: person.email, digest: shownDigest };
  await noteShown(control.parts.db, { ...to, opened: false }, freshNonce());
  const shown = await shownSince(control.parts.db, to);
  const told = await toldOf(control, open);
  const effect = effectOf(open);
  const opened = shown?.opened === true;
  return { ...open, ...told, yours: true, shownDigest, effect, passkey: nobodys(open), opened };
}
