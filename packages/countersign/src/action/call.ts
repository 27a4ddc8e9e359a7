import { canonical, type Json, type JsonObject, type UndoLink } from "@countersign/contract";
import type { Classified, Tool } from "../catalog/tool.ts";
import { digestText } from "../floor/digest.ts";
import type { Caller } from "../identity/caller.ts";
import type { EditRecord } from "./questions.ts";
import type { Submission } from "./submission.ts";

/** One action on its way through the hall: who asks for what, resolved against the catalog. */
export interface Call {
  readonly id: string;
  readonly caller: Caller;
  readonly submission: Submission;
  readonly tool: Tool;
  readonly classified: Classified;
  readonly run: RunOf;
  readonly argsDigest: string;
  /** Captured state of the target, where the catalog says how to read it. */
  readonly before?: Json;
  /** Of an undo whose target is not for certain as the deed left it: the digest of what is there now, or why none. */
  readonly since?: string;
  readonly reverses?: string;
  /** Who asked for the undo and why, where it was a person. */
  readonly undoes?: UndoLink;
  /** A person made it of another action's call. */
  readonly edit?: EditRecord;
  /** The key that it was asked for with was revoked while it waited. */
  readonly keyRevoked?: true;
  readonly at: string;
}

export interface RunOf {
  readonly id: string;
  readonly step: number;
  /** A run that nobody opened counts as tainted. */
  readonly tainted: boolean;
  readonly task?: string;
  readonly parent?: string;
  /** Whether the plans that hold for the run name this step; absent where none does, and for an undo. */
  readonly planned?: boolean;
  /** Other agents in whose run an agent opened this one: none of its calls has a higher tier than they have. */
  readonly above?: readonly { readonly agent: string; readonly workflow: string }[];
  /** The run that a person opened above this one, or this one; absent where nobody did. */
  readonly root?: string;
}

/** One step that a run means to take: any target where it names none. */
export interface PlannedStep {
  readonly tool: string;
  readonly target?: string;
}

export function argsDigest(args: JsonObject): string {
  return digestText(canonical(args));
}

// A call is never changed, only replaced, and a call's digest is asked for several times on its way.
const digests = new WeakMap<Call, string>();

/**
 * What an approval is bound to: every byte that was shown and will be sent, who sends it, and the state of the target
 * where it can be read. Any change of these is another digest, and voids the approval.
 */
export function callDigest(call: Call): string {
  const known = digests.get(call);
  if (known !== undefined) return known;
  const { caller, submission, tool } = call;
  // A tool's arguments are all of `params.arguments`: their digest stands for them.
  const { arguments: _, ...beside } = submission.params;
  const digest = digestText(
    canonical({
      agent: caller.agent,
      workflow: caller.workflow,
      run: call.run.id,
      server: submission.server,
      tool: submission.tool,
      method: submission.method,
      definition: tool.digest,
      params: submission.method === "tools/call" ? beside : submission.params,
      args: submission.params.arguments === undefined ? null : call.argsDigest,
      target: call.classified.target,
      environment: call.classified.environment.name,
      before: call.before === undefined ? null : call.before,
      tier: caller.tier,
      ...(caller.onBehalfOf === undefined ? {} : { onBehalfOf: caller.onBehalfOf }),
      ...(call.since === undefined ? {} : { since: call.since }),
      // Who approved before did not know it.
      ...(call.keyRevoked === undefined ? {} : { keyRevoked: true }),
    }),
  );
  digests.set(call, digest);
  return digest;
}

/** The arguments with the input that answers an earlier question of the server: other input is another call. */
function askDigest(call: Call): string {
  const { inputResponses, requestState } = call.submission.params;
  if (inputResponses === undefined && requestState === undefined) return call.argsDigest;
  return digestText(canonical([call.argsDigest, inputResponses ?? null, requestState ?? null]));
}

/** What a claim stands for: the same key for another tool, or with other arguments, is a conflict. */
export function claimValue(call: Call): string {
  const same = [call.tool.id, call.submission.method, askDigest(call)];
  // What one family was answered would reach another that is not marked by it.
  return digestText(canonical(call.run.root === undefined ? same : [...same, call.run.root]));
}

export interface ClaimNames {
  readonly explicit?: string;
  readonly identical?: string;
}

const names = new WeakMap<Call, ClaimNames>();

/** Names under which an open call is found again: the caller's own key, and the call itself where it writes. */
export function claimNames(call: Call): ClaimNames {
  const known = names.get(call);
  if (known !== undefined) return known;
  const { caller, classified, run, submission, tool } = call;
  const key = submission.idempotencyKey;
  // What one person's agent has open is not found by another person's.
  const who = caller.onBehalfOf === undefined ? [caller.agent] : [caller.agent, caller.onBehalfOf];
  // An undo is found by the deed that it undoes, an edit by what it edits, under names that no key of the agent's can take.
  const explicit =
    call.reverses !== undefined
      ? `undo:${call.reverses}`
      : call.edit !== undefined
        ? `edit:${call.edit.action}`
        : key === undefined
          ? undefined
          : `key:${digestText(canonical([...who, key]))}`;
  const named = {
    ...(explicit === undefined ? {} : { explicit }),
    // A caller that names its call itself says what is the same: then the call's own likeness says nothing.
    ...(classified.verb === "read" || explicit !== undefined
      ? {}
      : {
          identical: `same:${digestText(canonical([...who, caller.workflow, run.id, tool.id, submission.method, askDigest(call)]))}`,
        }),
  };
  names.set(call, named);
  return named;
}

/** Every name that an action claims. */
export function namesOf(call: Call): readonly string[] {
  const { explicit, identical } = claimNames(call);
  return [explicit, identical].filter((name) => name !== undefined);
}

/** What an undo that undid nothing gives back with its end: the deed can be undone again, by another undo. */
export function undoNames(call: Call): readonly string[] {
  const { explicit } = claimNames(call);
  return call.reverses === undefined || explicit === undefined ? [] : [explicit];
}
