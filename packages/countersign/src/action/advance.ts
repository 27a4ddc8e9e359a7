import type { Decision } from "@countersign/contract";
import { type EntryKind, type Json, JsonFault, mayMove, type State } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import type { Draft, Sealed } from "../ledger/entry.ts";
import type { SubjectKey } from "../ledger/seal.ts";
import type { Claim } from "../ledger/sql.ts";
import type { Call } from "./call.ts";
import type { Parts } from "./parts.ts";

/** An action as this process holds it. Only `advance` changes it, and only after the ledger has the entry. */
export interface Track {
  readonly call: Call;
  readonly key: SubjectKey;
  state: State;
  /** The step that the next entry will have. */
  step: number;
  /** Set where the action was claimed from what is open: the fence under which it may move. */
  fence?: number;
  /** Its call was taken from the budgets. */
  isBudgeted?: true;
  /** It was counted in a window, so its outcome is told to it. */
  counted?: boolean;
  /** By what it was sent. */
  decision?: Pick<Decision, "observed" | "sentence" | "obligations">;
  /** The held action in whose place this one comes: it ends in the very write with which this one waits or runs. */
  readonly instead?: Instead;
  /** In the transaction of its first entry. */
  readonly within?: (tx: Tx) => Promise<void>;
}

export interface Instead {
  readonly track: Track;
  readonly move: Move;
  /** In the transaction of that write: fails where the other does not wait any more as it did. */
  within(tx: Tx): Promise<void>;
}

export interface Move {
  readonly kind: EntryKind;
  readonly to: State;
  readonly payload: object;
  readonly person?: string;
}

export interface With {
  readonly claims?: readonly Claim[];
  readonly releases?: readonly string[];
  readonly within?: (tx: Tx) => Promise<void>;
  /** Entries of other subjects that belong to the same write. */
  readonly also?: readonly Sealed[];
}

/** The one way to change an action's state: entries and state in one durable write. No entry, no action. */
export async function advance(parts: Parts, track: Track, moves: readonly Move[], more: With = {}): Promise<void> {
  let state = track.state;
  const sealed = moves.map((move, at) => {
    if (!mayMove(state, move.to)) throw new Error(`illegal move from ${state} to ${move.to}`);
    const draft = draftOf(track, move, state, track.step + at);
    state = move.to;
    return seal(track, draft);
  });
  const first = track.step === 0;
  // What is refused takes nobody's place.
  const instead = first && state !== "refused" ? track.instead : undefined;
  const ended = instead === undefined ? [] : [endOf(instead)];
  const within = all([first ? track.within : undefined, instead?.within, more.within]);
  await parts.ledger.append({
    sealed: [...sealed, ...ended, ...(more.also ?? [])],
    ...(first ? { keys: [{ subject: track.call.id, wrapped: track.key.wrapped(parts.wrap) }] } : {}),
    ...(more.claims === undefined ? {} : { claims: more.claims }),
    ...(more.releases === undefined ? {} : { releases: more.releases }),
    ...(within === undefined ? {} : { within }),
  });
  track.state = state;
  track.step += moves.length;
  for (const move of moves) parts.tally.moved(move.to, track.call.classified.verb);
  parts.watch.moved(track.call.id);
  if (instead === undefined) return;
  parts.tally.moved(instead.move.to, instead.track.call.classified.verb);
  parts.watch.moved(instead.track.call.id);
}

function endOf({ move, track }: Instead): Sealed {
  if (!mayMove(track.state, move.to)) throw new Error(`illegal move from ${track.state} to ${move.to}`);
  return seal(track, draftOf(track, move, track.state, track.step));
}

function all(parts: readonly With["within"][]): With["within"] {
  const given = parts.filter((part) => part !== undefined);
  if (given.length < 2) return given[0];
  return async (tx) => {
    for (const within of given) await within(tx);
  };
}

function draftOf(track: Track, move: Move, from: State, step: number): Draft {
  const { call } = track;
  return {
    subject: call.id,
    step,
    kind: move.kind,
    from,
    to: move.to,
    agent: call.caller.agent,
    workflow: call.caller.workflow,
    tool: call.tool.id,
    run: call.run.id,
    ...(move.person === undefined ? {} : { person: move.person }),
    payload: move.payload as Json,
  };
}

/** Seals a draft. Where a payload holds what JSON has no form for, such as a member that is undefined, JSON's own rule drops it first. */
function seal(track: Track, draft: Draft): Sealed {
  try {
    return track.key.seal(draft);
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    return track.key.seal({ ...draft, payload: JSON.parse(JSON.stringify(draft.payload)) as Json });
  }
}
