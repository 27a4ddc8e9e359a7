import type { Decision, DecisionInput, Json, JsonObject } from "@countersign/contract";
import type { Disclosed } from "../ledger/read.ts";
import type { CallRecord, DecidedRecord, OutcomeRecord } from "./record.ts";

/** What the payload of any entry of an action may hold. */
export type ActionRecord = DecidedRecord & OutcomeRecord;

/** What a stored call leaves out, because the decision input beside it says the same. */
const fromInput = [
  "argsDigest",
  "callDigest",
  "definitionDigest",
  "system",
  "target",
  "environment",
  "production",
  "verb",
  "labels",
  "owner",
  "dri",
  "tier",
  "onBehalfOf",
  "run",
] as const;

/**
 * A decided record without what it says twice: every byte of it is sealed, committed to, synced and kept. Arguments
 * stand in `params`, the policy's view of them as what differs, the checks in the decision's facts. `args` are those
 * of the record that holds the call.
 */
export function toStored(record: Partial<DecidedRecord>, args: JsonObject | undefined): JsonObject {
  const { call, input, checks, ...rest } = record;
  const stored: { [member: string]: unknown } = rest;
  if (call !== undefined) stored.call = storedCall(call, input);
  if (input !== undefined) stored.input = storedInput(input, args);
  if (checks !== undefined && checks !== input?.facts.checks) stored.checks = checks;
  return stored as JsonObject;
}

function storedCall(call: CallRecord, input: DecisionInput | undefined): object {
  const { args, ...rest } = call;
  const stored: { [member: string]: unknown } = rest;
  if (call.params?.arguments !== args) stored.args = args;
  if (input === undefined) return stored;
  const known = callIn(input);
  for (const name of fromInput) if (isSame(call[name], known[name])) delete stored[name];
  return stored;
}

/** Members of the policy's view of the arguments that are not the arguments' own, where all of these are in it. */
function storedInput(input: DecisionInput, args: JsonObject | undefined): object {
  if (args === undefined || !Object.keys(args).every((name) => Object.hasOwn(input.args, name))) return input;
  const own = Object.entries(input.args).filter(([name, value]) => !Object.hasOwn(args, name) || args[name] !== value);
  return { ...input, args: Object.fromEntries(own), withCallArgs: true };
}

/** Small values only: an equal one that is another object is stored, which costs bytes and no truth. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return typeof one === "object" && typeof other === "object" && JSON.stringify(one) === JSON.stringify(other);
}

/** What a decision input says of the call that it was asked about. */
function callIn(input: DecisionInput): Pick<CallRecord, (typeof fromInput)[number]> {
  const { action, principal, resource, run } = input;
  return {
    argsDigest: input.argsDigest,
    callDigest: input.callDigest,
    definitionDigest: action.definitionDigest,
    system: resource.system,
    target: resource.target,
    environment: resource.environment.name,
    production: resource.environment.production,
    verb: action.verb,
    labels: resource.labels,
    owner: principal.owner,
    dri: principal.dri,
    tier: principal.tier,
    ...(principal.onBehalfOf === undefined ? {} : { onBehalfOf: principal.onBehalfOf }),
    run,
  };
}

/** The records of an action's entries, whole; `null` where the subject's key was erased. */
export function recordsOf(subject: {
  readonly entries: readonly Pick<Disclosed, "payload">[];
}): readonly (ActionRecord | null)[] {
  let args: JsonObject | undefined;
  return subject.entries.map(({ payload }) => {
    const record = fromStored(payload, args);
    args ??= record?.call?.args;
    return record;
  });
}

/** What was decided about an action, entry by entry, with the input whole: no more of its records than that is put together. */
export function decisionsOf(subject: {
  readonly entries: readonly { readonly step: number; readonly payload: Json | null }[];
}): readonly DecidedStep[] {
  let asked: JsonObject | undefined;
  let before: Json | undefined;
  return subject.entries.flatMap(({ step, payload }) => {
    if (payload === null) return [];
    const stored = payload as unknown as Stored;
    const { call, input, decision } = stored;
    const args = argsOf(call, asked);
    if (call !== undefined) asked ??= args;
    before = stored.before ?? before;
    if (input === undefined || decision === undefined) return [];
    return [{ step, input: inputOf(input, args), decision, args, before }];
  });
}

export interface DecidedStep {
  readonly step: number;
  readonly input: DecisionInput;
  readonly decision: Decision;
  /** What the call was made with. */
  readonly args: JsonObject | undefined;
  /** What was captured of its target by then. */
  readonly before: Json | undefined;
}

type Stored = Omit<ActionRecord, "call" | "input"> & {
  readonly call?: Partial<CallRecord>;
  readonly input?: DecisionInput & { readonly withCallArgs?: true };
};

/** One entry's record by itself, for whoever does not need the arguments of a later step. */
export function recordOf(payload: Json | null): ActionRecord | null {
  return fromStored(payload, undefined);
}

function fromStored(payload: Json | null, asked: JsonObject | undefined): ActionRecord | null {
  if (payload === null) return null;
  const { call: storedCall, input: storedInput, checks, ...rest } = payload as unknown as Stored;
  const args = argsOf(storedCall, asked);
  const whole: { [member: string]: unknown } = rest;
  if (storedInput !== undefined) whole.input = inputOf(storedInput, args);
  if (storedCall !== undefined)
    whole.call = { ...(storedInput === undefined ? {} : callIn(storedInput)), ...storedCall, args };
  const shown = checks ?? storedInput?.facts.checks;
  if (shown !== undefined) whole.checks = shown;
  return whole as unknown as ActionRecord;
}

function argsOf(call: Stored["call"], asked: JsonObject | undefined): JsonObject | undefined {
  return call === undefined ? asked : (call.args ?? (call.params?.arguments as JsonObject | undefined) ?? {});
}

/** The input that was decided about. Its members keep the order of the canonical text that they were read from. */
function inputOf(
  { withCallArgs, ...input }: NonNullable<Stored["input"]>,
  asked: JsonObject | undefined,
): DecisionInput {
  return withCallArgs === true ? { ...input, args: inOrder({ ...asked, ...input.args }) } : input;
}

function inOrder(members: JsonObject): JsonObject {
  const names = Object.keys(members);
  if (names.every((name, at) => at === 0 || (names[at - 1] as string) < name)) return members;
  return Object.fromEntries(names.sort().map((name) => [name, members[name] as Json]));
}
