import { canonical, type FlowFacts, type Json, type JsonObject } from "@countersign/contract";
import { heldForMs, type OpenAction, readByRun, sizeOfShown } from "../action/index.ts";
import { countCanaries, insertCanary } from "../approvals/canary-sql.ts";
import { badVersions, ranks, reachText, riskOf } from "../approvals/index.ts";
import { planReversal } from "../catalog/index.ts";
import { iso } from "../floor/clock.ts";
import { digestText } from "../floor/digest.ts";
import { chance, newId } from "../floor/id.ts";
import { SubjectKey } from "../ledger/seal.ts";
import type { Control } from "./control.ts";

/** What the sealed part of a seeded request holds: what its approver is shown, and what was bad about it. */
export interface Seeded {
  readonly open: OpenAction;
  readonly bad: string;
}

/** So many wait for one person at most. */
const mostOpen = 10;

/**
 * Now and then somebody who answered a request is put another one that nobody should approve, made from the one they
 * answered. INVARIANT: it is written to a table of its own, of which nothing that decides or runs actions knows.
 */
export async function plantCanary(control: Control, person: string, answered: OpenAction): Promise<void> {
  // That a person asks for an undo is a fact of the plane's: it is not made up.
  if (answered.undoes !== undefined) return;
  const { share, withinMs } = control.keeper.loaded().workspace?.organisation.approvals.canaries ?? noCanaries;
  if (share <= 0 || chance() >= share) return;
  const { parts } = control;
  const seeded = badVersionOf(control, answered);
  if (seeded === undefined || (await countCanaries(parts.db, person)) >= mostOpen) return;
  const { open, bad, shape, rank } = seeded;
  const key = new SubjectKey(open.id);
  const payload = JSON.parse(JSON.stringify({ open, bad } satisfies Seeded)) as Json;
  const { sealed } = key.seal({ subject: open.id, step: 0, kind: "canary", from: null, to: null, payload });
  await insertCanary(parts.db, {
    ...open,
    person,
    origin: answered.id,
    shape,
    risk_rank: rank,
    wrapped: key.wrapped(parts.wrap),
    sealed,
    size: sizeOfShown(open),
    inMs: chance() * withinMs,
    openMs: heldForMs(open.requirements, parts.ledger.now()),
  });
}

const noCanaries = { share: 0, withinMs: 0 };

interface Made extends Seeded {
  readonly shape: string;
  readonly rank: number;
}

/** The same request in a bad version, as it would have been held; undefined where no shape fits, or the tool is gone. */
function badVersionOf({ parts }: Control, answered: OpenAction): Made | undefined {
  const tool = parts.plane.current().tool(answered.server, answered.tool);
  const versions = isObject(answered.args) ? badVersions(answered.args) : [];
  const version = versions[Math.floor(chance() * versions.length)];
  if (tool === undefined || version === undefined) return undefined;
  const { args, sentence, shape } = version;
  const nowMs = parts.ledger.now();
  const id = newId("act", parts.clock.now());
  const classified = tool.classify(args);
  const isSameTarget = classified.target === answered.target;
  const { before: was, plan: _plan, ...rest } = answered;
  const before = isSameTarget && isObject(was) ? was : undefined;
  const rule = classified.reversal ?? tool.reversal;
  const captured =
    before === undefined ? ({ kind: "failed" } as const) : ({ kind: "answered", result: before } as const);
  const plan = planReversal(rule, args, captured, iso(nowMs));
  const flow = flowOf(answered, classified.flow.effect);
  const risk = riskOf({
    input: {
      action: { verb: classified.verb },
      resource: { environment: classified.environment, labels: classified.labels },
      facts: { reach: classified.reach ?? {}, ...(flow === undefined ? {} : { flow }) },
    },
    plan,
    isFirst: !isSameTarget,
  });
  const open: OpenAction = {
    ...rest,
    id,
    state: "held",
    verb: classified.verb,
    target: classified.target,
    environment: classified.environment.name,
    callDigest: digestText(canonical({ id, args })),
    requirements: answered.requirements.map((one) => asFirst(one)),
    args,
    ...(before === undefined ? {} : { before }),
    plan,
    risk,
    reach: { counts: classified.reach ?? {}, sentence: reachText(classified.reach) },
    ...(flow === undefined ? {} : { flow: readByRun(flow) }),
  };
  return { open, bad: sentence, shape, rank: ranks[risk.level] };
}

/** Nobody has answered it yet. */
function asFirst(one: OpenAction["requirements"][number]): OpenAction["requirements"][number] {
  if (one.kind !== "approval" || one.raised !== true) return one;
  const { raised: _, ...asked } = one;
  return { ...asked, count: one.count - 1 };
}

function flowOf({ flow }: OpenAction, effect: FlowFacts["effect"]): FlowFacts | undefined {
  if (flow === undefined) return undefined;
  const { sentence: _, ...facts } = flow;
  return { ...facts, effect, brings: "internal" };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
