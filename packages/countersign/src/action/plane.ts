import type { CheckFact, Decision, DecisionInput, Json } from "@countersign/contract";
import type { Tool } from "../catalog/tool.ts";
import type { CheckInput } from "../checks/check.ts";
import type { Limits } from "../costs/budget.ts";
import type { Caller } from "../identity/caller.ts";
import type { Needs } from "../policy/index.ts";
import type { VetoRule } from "../vetoes/index.ts";

/** What is in force, as one immutable value: a replica swaps it whole. Built by `governance/load-plane.ts`. */
export interface Plane {
  readonly revision: number;
  readonly organisation: string;
  readonly singlePerson: boolean;
  tool(server: string, name: string): Tool | undefined;
  /** Pure: the compiled policies in force. */
  decide(input: DecisionInput): Decision;
  /** Facts that the policies in force read or count of a tool's calls. Pure, in memory. */
  needs(workflow: string, tool: string): Needs;
  /** Whether a policy or a veto of the organisation's own asks what a run has read, also before a plain read. */
  readsFlow(workflow: string, tool: string): boolean;
  /** The vetoes attached to a tool in a workflow; absent where there can be none. */
  vetoes?(workflow: string, tool: string): readonly PlaneVeto[];
  /** Whether the invariants are only just being proven of a tool: nothing is refused for that which can wait. */
  isPending?(tool: string): boolean;
  mayEver(agent: string, workflow: string, tool: Tool): boolean;
  /** What is in force for an agent now; absent where it is no longer in the workspace, or nobody owns it. */
  caller(agent: string, workflow: string): Pick<Caller, "owner" | "dri" | "tier" | "groups"> | undefined;
  stopFor(subject: StopSubject): Stopped | undefined;
  limits(workflow: string): Limits;
  timeoutMs(server: string): number;
  /** The most bytes that an answer of it may have, as canonical JSON. */
  maxResultBytes?(server: string): number;
  /** The people whom an approval's `from` means now in this workflow. */
  asked(from: string, workflow: string): readonly string[];
  /** The people whom a step of an escalation tells today: who covers for a DRI who is away, instead of the DRI. */
  told?(to: string, workflow: string): readonly string[];
  /** Whether the escalation in force of a workflow still names this person as one who may answer; absent where nobody may. */
  mayStandIn?(workflow: string, person: string): boolean;
  /** The person who answers for a workflow. */
  dri(workflow: string): string;
  /** How people's answers are kept good; absent where nothing is set. */
  readonly answering?: Answering;
}

export interface Answering {
  /** How many approvals one person may give within an hour. */
  readonly perHour?: number;
  /** Whether more than people may answer is refused, or waits. */
  readonly overflow: "refuse" | "wait";
  /** A high risk that was looked at for less asks one more person. */
  readonly skimFloorMs?: number;
  /** Who may answer alone in place of all that are missing; absent where nobody may. */
  readonly breakGlass?: BreakGlass;
}

export interface BreakGlass {
  /** Groups, people's addresses, `dri`. */
  readonly by: readonly string[];
  /** How long the one answer stands until the call is sent. */
  readonly withinMs: number;
  /** In how long somebody else has to review it. */
  readonly reviewMs: number;
}

/** An external decision point with the digest of its declaration, which its answers are bound to. */
export interface PlaneVeto {
  readonly name: string;
  readonly digest: string;
  readonly rule: VetoRule;
}

export interface StopSubject {
  readonly agent: string;
  readonly workflow: string;
  readonly tool: string;
  readonly system: string;
}

export interface Stopped {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly until: string | null;
}

/** The plane in force. Fails with `unavailable` where this replica could not re-read it within its lease. */
export interface PlaneView {
  current(): Plane;
  /** Tells what any replica says on the channel of cancellations. */
  onCancel?(hear: (payload: string) => void): void;
}

/** What the hall asks of checks: facts about a value, and the value without its secrets. */
export interface Checking {
  run(names: readonly string[], input: CheckInput): Promise<readonly CheckFact[]>;
  redact(value: Json): { readonly value: Json; readonly count: number; readonly rules: readonly string[] };
}
