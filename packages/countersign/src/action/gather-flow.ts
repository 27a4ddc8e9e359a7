import { type ApprovalFact, canonical, type FlowFacts, type Json } from "@countersign/contract";
import { answered, type CallFlow, everything, unlabelled } from "../catalog/index.ts";
import { firstIdAt } from "../floor/id.ts";
import {
  doneAt,
  type Family,
  factsOf,
  factsUnopened,
  isInTask,
  placesOf,
  type Seen,
  taskWords,
} from "../flow/index.ts";
import { look } from "../flow/look.ts";
import { readSubject, type Subject } from "../ledger/read.ts";
import { flowPolicies } from "../policy/index.ts";
import { beyondArguments } from "./beyond.ts";
import type { Call } from "./call.ts";
import type { Parts } from "./parts.ts";
import type { Plane } from "./plane.ts";
import { recordsOf } from "./stored-record.ts";

/** Longer than the rounds of a call can take before its first entry. One that is later still is known here by nothing that it said. */
const lateMs = 900_000;

/** What the call would do with data, and what its run has read. Of a plain read only the first, unless a policy asks. */
export async function gatherFlow(parts: Parts, plane: Plane, call: Call): Promise<FlowFacts> {
  const flow = flowOf(call);
  const { workflow } = call.caller;
  const { root } = call.run;
  const brings = flow.result.confidentiality;
  // What is confidential and beyond the run's plan is no plain read once the run is tainted.
  const isBeyond = call.run.planned === false && (brings === "personal" || brings === "secret");
  if (flow.effect === "read" && !isBeyond && !plane.readsFlow(workflow, call.tool.id))
    return { effect: flow.effect, brings };
  const undo = call.reverses !== undefined;
  if (root === undefined) return factsUnopened(flow, undo);
  const started = parts.clock.tick();
  const family = parts.families.of(root);
  const settled = firstIdAt("act", parts.clock.now() - lateMs);
  const { marks, line, unknown, done: heard } = await look(parts.db, family, root, call.run.id);
  const done = doneAt(workflow, call.tool.id, flow);
  let isWhole = true;
  let isUnderWay = false;
  for (const id of unknown) {
    if (id === call.id) continue;
    const other = await recall(parts, plane, family, id);
    isWhole &&= other.state !== "reading";
    isUnderWay ||= done !== undefined && other.done === done;
  }
  heard(settled);
  // A task that was given to another workflow names nothing for this one.
  const given = line.filter((run) => run.trusted && run.workflow === workflow);
  const task = taskWords(
    given.flatMap((run) => run.task ?? []),
    given.map((run) => run.parameters) as unknown as Json,
  );
  const isNamed = {
    undo,
    planned: call.run.planned === true,
    approved: family.approves(placesOf(workflow, call.tool.id, flow.destinations)),
    done: isUnderWay || (done !== undefined && family.hasDone(done)),
  };
  const facts = factsOf(
    flow,
    marks,
    (destination) => family.originOf(destination, task, call.tool.id),
    isNamed,
    (read) => (saysMore(call, flow, task) ? family.beyond(task, read, isWhole) : []),
  );
  parts.tally.took("flow", parts.clock.tick() - started);
  return facts;
}

/** What travels beside the arguments goes to the server too, and nobody has named what it says. */
function flowOf({ classified: { flow }, submission }: Call): CallFlow {
  const { _meta: _, requestState: __, ...beside } = beyondArguments(submission) ?? {};
  if (Object.keys(beside).length === 0) return flow;
  const effect = flow.effect === "read" ? "egress" : flow.effect;
  return { ...flow, effect, destinations: [...flow.destinations, { at: "params", value: canonical(beside) }] };
}

/** Whether the call says anything beside where it goes and what the task says. */
function saysMore({ submission, tool }: Call, { destinations }: CallFlow, task: ReturnType<typeof taskWords>): boolean {
  const places = new Set(destinations.map(({ value }) => value));
  return everything(submission.args).some((one) => !places.has(one.value) && !isInTask(task, one, tool.id));
}

const open: readonly string[] = ["received", "held", "ready", "running", "unknown"];

/**
 * What another replica ran, or this one before it was started, stands in the ledger. What has not ended is asked for
 * again; "reading" says that it may bring something confidential meanwhile, which is not known here and may be read.
 */
async function recall(parts: Parts, plane: Plane, family: Family, id: string): Promise<Recalled> {
  const subject = await readSubject(parts.db, id, parts.wrap);
  const state = subject.entries.at(-1)?.entry.to_state ?? "received";
  if (!open.includes(state)) {
    family.add(id, seenIn(plane, subject));
    return { state: "ended" };
  }
  if (state !== "ready" && state !== "running" && state !== "unknown") return { state: "open" };
  const call = recordsOf(subject)[0]?.call;
  const tool = call === undefined ? undefined : plane.tool(call.server, call.tool);
  if (call === undefined || tool === undefined) return { state: state === "ready" ? "open" : "reading" };
  const { flow } = tool.classify(call.args);
  const { confidentiality } = flow.result;
  const isConfidential = confidentiality === "personal" || confidentiality === "secret";
  return {
    state: isConfidential && state !== "ready" ? "reading" : "open",
    done: doneAt(subject.entries[0]?.entry.workflow ?? "", tool.id, flow),
  };
}

interface Recalled {
  readonly state: "ended" | "open" | "reading";
  /** The places of what is under way and nothing undoes. */
  readonly done?: string | undefined;
}

function hasSettled({ entries }: Subject): boolean {
  const state = entries.at(-1)?.entry.to_state;
  return state === "done" || state === "reversed";
}

function seenIn(plane: Plane, subject: Subject): Seen {
  const records = recordsOf(subject);
  const call = records[0]?.call;
  const outcome = records.find((record) => record?.kind === "answered" || record?.kind === "error");
  const tool = call === undefined ? undefined : plane.tool(call.server, call.tool);
  // Erased: what it read nobody can tell.
  if (subject.key === null) return { size: 0, isLost: true };
  if (call === undefined || (outcome == null && !hasSettled(subject))) return { size: 0 };
  // A tool that is gone has no labels any more: nothing that it said is trusted.
  if (tool === undefined) return { labels: unlabelled, size: 0, isLost: true };
  const workflow = subject.entries[0]?.entry.workflow ?? "";
  const { flow } = tool.classify(call.args);
  const approvals = records.flatMap((record) => record?.input?.facts.approvals ?? []);
  // What a person or a look settled was done, and nobody knows what it answered.
  if (outcome == null) return { size: 0, done: doneAt(workflow, tool.id, flow) };
  const result = outcome.result ?? outcome.error;
  const isError = outcome.kind === "error" || outcome.isError === true;
  return {
    tool: tool.id,
    ...(flow.about === undefined ? {} : { about: flow.about }),
    labels: answered(flow.result, isError),
    ...(isError ? {} : { done: doneAt(workflow, tool.id, flow) }),
    ...(result === undefined ? {} : { result }),
    ...approvedIn(approvals, workflow, tool.id, flow),
    size: JSON.stringify(result ?? null).length,
  };
}

/** Where a person let a call of this family go, the next of its workflow may go too. */
export function approvedIn(
  approvals: readonly Pick<ApprovalFact, "policy" | "grant" | "glass">[],
  workflow: string,
  tool: string,
  { destinations }: CallFlow,
): Pick<Seen, "approved"> {
  // A grant was given to a shape, and glass is broken for one call: neither lets the next one go.
  const isApproved = approvals.some(
    ({ policy, grant, glass }) => grant === undefined && glass === undefined && flowPolicies.includes(policy),
  );
  return isApproved ? { approved: placesOf(workflow, tool, destinations) } : {};
}
