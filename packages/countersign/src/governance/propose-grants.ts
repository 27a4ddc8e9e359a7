import { cleanClasses, type GrantShape, type LeftClass } from "../approvals/index.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { heldSince } from "../ledger/held-sql.ts";
import { readSubject } from "../ledger/read.ts";
import { check, lineDifference, takeGrants } from "../workspace/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import type { LoadSources } from "./load-plane.ts";
import { noteReads } from "./note-reads.ts";
import { type Asked, askedOf, type ClearCall, erasedAgainst } from "./past-of.ts";

export interface ProposeRequest {
  readonly weeks: number;
  /** How often people have to have approved a class. */
  readonly least: number;
  readonly workflow?: string;
  readonly signal?: AbortSignal;
}

interface ClassLine {
  readonly workflow: string;
  readonly agent: string;
  readonly server: string;
  readonly tool: string;
  readonly environment: string;
  readonly verb: string;
  readonly policies: readonly string[];
}

/** A standing permission that people's own answers speak for. Nothing here is in force: a person puts it there. */
export interface GrantProposal extends ClassLine {
  readonly onBehalfOf?: string;
  readonly target: string;
  readonly sentence: string;
  /** What to grant at the next such request. */
  readonly grant: { readonly shape: GrantShape; readonly forMs: number; readonly uses: number };
  /** The line of the workflow file without which its policy takes no grant; two people put it in force. Null where none is needed, or it is not this file's. */
  readonly change: { readonly file: string; readonly text: string; readonly difference: readonly string[] } | null;
  /** What stands in the way that no workflow file can change. */
  readonly needs: string | null;
  readonly evidence: {
    readonly approved: number;
    readonly atLeast: number;
    readonly people: readonly { readonly person: string; readonly approved: number }[];
    readonly since: string;
    readonly until: string;
    /** The newest of them. */
    readonly receipts: readonly string[];
  };
  readonly spared: { readonly questions: number; readonly lookedMs: number | null; readonly waitedMs: number };
  /** Such requests that wait now. */
  readonly waiting: readonly string[];
}

export interface GrantProposals {
  readonly weeks: number;
  readonly least: number;
  readonly looked: number;
  /** False where more was asked than is looked at: then nothing is proposed, since a denial may not have been seen. */
  readonly isWhole: boolean;
  readonly proposals: readonly GrantProposal[];
  readonly left: readonly (ClassLine & { readonly approved: number; readonly because: string })[];
}

type Sources = Pick<LoadSources, "packs">;

const weekMs = 7 * 86_400_000;
const mostLooked = 5_000;
const mostReceipts = 20;
const mostTold = 20;
const grantForMs = 8 * 3_600_000;
const mostUses = 100;
// Owned here alone: each look opens that many actions, so one is made at once.
let isLooking = false;

/**
 * Proposes what to approve beforehand, from what people approved one by one. It changes nothing: the line of the workflow
 * file goes the way of every change of policy, and the grant is given by whoever may answer.
 */
export async function proposeGrants(
  control: Control,
  sources: Sources,
  person: PersonCaller,
  request: ProposeRequest,
): Promise<GrantProposals> {
  const { workflow } = request;
  requireMay(person, "read-private", contextOf(control, workflow === undefined ? {} : { workflow }));
  if (isLooking)
    throw new Problem("too_many", "proposals are being looked for now, so this was not begun", {
      help: "try again in a minute",
    });
  isLooking = true;
  try {
    return await proposed(control, sources, person, request);
  } finally {
    isLooking = false;
  }
}

async function proposed(
  control: Control,
  sources: Sources,
  person: PersonCaller,
  { weeks, least, workflow, signal }: ProposeRequest,
): Promise<GrantProposals> {
  const { db, ledger, wrap } = control.parts;
  const nowMs = ledger.now();
  const sinceMs = nowMs - weeks * weekMs;
  const about = workflow === undefined ? {} : { workflow };
  const range = { since: new Date(sinceMs).toISOString(), until: new Date(nowMs).toISOString(), ...about };
  await noteReads(control, person, { ...range, most: mostLooked }, "grant proposals");
  const held = await heldSince(db, sinceMs, workflow, mostLooked + 1);
  if (held.length > mostLooked) return { weeks, least, looked: 0, isWhole: false, proposals: [], left: [] };
  const past: Asked[] = [];
  const erased = new Set<string>();
  for (const { subject } of held) {
    if (signal?.aborted === true)
      throw new Problem("unavailable", "whoever asked for proposals has gone, so they were not looked for to the end", {
        help: "ask again",
      });
    const read = await readSubject(db, subject, wrap);
    const asked = askedOf(read);
    if (asked !== undefined) past.push(asked);
    const against = erasedAgainst(read);
    if (against !== undefined) erased.add(clearKey(against));
  }
  const byAction = new Map(past.map((one) => [one.action, one]));
  const whole = (action: string): Asked => byAction.get(action) as Asked;
  const found = cleanClasses(past, least);
  // What it asked for is gone, so it speaks against every class of that agent and tool.
  const [gone, clean] = parted(found.clean, ({ of: { call } }) =>
    erased.has(clearKey({ ...call, tool: `${call.server}.${call.tool}` })),
  );
  const left = [
    ...gone.map((one) => ({ of: one.of, clean: one.clean.length, because: "something of it was erased" })),
    ...found.left,
  ];
  return {
    weeks,
    least,
    looked: past.length,
    isWhole: true,
    proposals: clean.slice(0, mostTold).map((one) => proposalOf(control, sources, whole(one.of.action), one)),
    left: left.slice(0, mostTold).map((one) => leftOf(whole(one.of.action), one)),
  };
}

function clearKey({ agent, workflow, tool }: ClearCall): string {
  return JSON.stringify([agent, workflow, tool]);
}

function parted<T>(all: readonly T[], is: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  const { true: those = [], false: others = [] } = Object.groupBy(all, (one) => (is(one) ? "true" : "false"));
  return [those, others];
}

function lineOf({ call, requirements }: Asked): ClassLine {
  const { agent, environment, server, tool, verb, workflow } = call;
  return { workflow, agent, server, tool, environment, verb, policies: requirements.map(({ policy }) => policy) };
}

function leftOf(of: Asked, { because, clean }: LeftClass): GrantProposals["left"][number] {
  return { ...lineOf(of), approved: clean, because };
}

type Clean = ReturnType<typeof cleanClasses>["clean"][number];

function proposalOf(
  control: Control,
  sources: Sources,
  of: Asked,
  { atLeast, clean, lookedMs, open, shape, waitedMs }: Clean,
): GrantProposal {
  const { onBehalfOf, target } = of.call;
  const line = lineOf(of);
  const times = clean.map(({ atMs }) => atMs);
  const [sinceMs, untilMs] = [Math.min(...times), Math.max(...times)];
  const people = Map.groupBy(
    clean.flatMap((one) => one.people),
    (one) => one,
  );
  const names = [...people]
    .map(([person, all]) => ({ person, approved: all.length }))
    .toSorted((one, other) => other.approved - one.approved || (one.person < other.person ? -1 : 1));
  return {
    ...line,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    target,
    sentence: `people approved ${clean.length} calls of ${line.server}.${line.tool} by ${line.agent} that differ in nothing but ${differsIn(shape)}, and denied none`,
    grant: { shape, forMs: grantForMs, uses: Math.min(mostUses, clean.length) },
    ...wayOf(control, sources, of, line),
    evidence: {
      approved: clean.length,
      atLeast,
      people: names,
      since: new Date(sinceMs).toISOString(),
      until: new Date(untilMs).toISOString(),
      receipts: clean.slice(0, mostReceipts).map(({ action }) => action),
    },
    spared: { questions: clean.length, lookedMs, waitedMs },
    waiting: open.slice(0, mostReceipts).map(({ action }) => action),
  };
}

function differsIn({ arguments: loosened, target }: GrantShape): string {
  const pointers = Object.keys(loosened).map((one) => `\`${one}\``);
  if (pointers.length === 0) return target === "class" ? "their target" : "when they were asked for";
  return pointers.join(", ");
}

/** What has to be written so that a grant answers the policies that ask, read from what is in force now. */
function wayOf(
  control: Control,
  sources: Sources,
  { call }: Asked,
  { policies, server, tool }: ClassLine,
): Pick<GrantProposal, "change" | "needs"> {
  const { files, workspace } = control.keeper.loaded();
  const workflow = workspace?.workflows.find(({ name }) => name === call.workflow);
  const id = `${server}.${tool}`;
  const asked = workflow?.ask.filter((one) => one.tool === id) ?? [];
  const own = `${call.workflow}/approval/${id}`;
  const others = policies.filter((policy) => policy !== own);
  if (asked.length === 0 || others.length > 0) {
    const named = (others.length > 0 ? others : policies).map((one) => `\`${one}\``).join(", ");
    return { change: null, needs: `${named} asks, and whether it takes grants stands in its own text` };
  }
  if (asked.every(({ grants }) => grants !== undefined)) return { change: null, needs: null };
  const file = `workflows/${call.workflow}.yaml`;
  const before = files[file] ?? "";
  const text = takeGrants(before, id);
  const { problems } = check({ ...files, [file]: text }, { packs: sources.packs });
  const [fault] = problems.filter(({ severity }) => severity === "error");
  if (fault !== undefined) return { change: null, needs: fault.message };
  return { change: { file, text, difference: lineDifference(before, text) }, needs: null };
}
