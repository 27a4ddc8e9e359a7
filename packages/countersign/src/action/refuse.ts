import type { DecisionInput, Refusal } from "@countersign/contract";
import { advance, type Track } from "./advance.ts";
import { callDigest, undoNames } from "./call.ts";
import type { Considered } from "./consider.ts";
import { dropOpen } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { callRecord, type DecidedRecord, leanDecision } from "./record.ts";
import { toStored } from "./stored-record.ts";

/** Ends an action with a refusal: a result, with a receipt. */
export async function refuse(
  parts: Parts,
  track: Track,
  considered: Considered | undefined,
  refusal: Refusal,
  sentence: string,
  more: { readonly person?: string } = {},
): Promise<"refused"> {
  const { call } = track;
  const asked = track.step === 0 ? refusedCall(parts, track) : undefined;
  const record: Partial<DecidedRecord> = {
    ...(asked === undefined ? {} : { call: asked }),
    ...(considered === undefined
      ? {}
      : {
          input: asked === undefined ? considered.input : refusedInput(parts, considered.input),
          decision: leanDecision(considered.decision),
          checks: considered.checks,
          revision: considered.revision,
        }),
    refusal,
    sentence,
  };
  const kind = refusal === "denied" ? "denied" : "refused";
  await advance(
    parts,
    track,
    [
      {
        kind,
        to: "refused",
        payload: toStored(record, asked?.args ?? call.submission.args),
        ...(more.person === undefined ? {} : { person: more.person }),
      },
    ],
    track.step === 0 ? {} : { releases: undoNames(call), within: async (tx) => dropOpen(tx, call.id) },
  );
  return "refused";
}

/** A refused call is recorded without any secret in it: it may have been refused before its arguments were checked. */
function refusedCall(parts: Parts, track: Track) {
  const record = callRecord(track.call, callDigest(track.call));
  return {
    ...record,
    args: parts.checking.redact(record.args).value as typeof record.args,
    params: parts.checking.redact(record.params).value as typeof record.params,
  };
}

/** Its arguments without their secrets. */
export function refusedInput(parts: Parts, input: DecisionInput): DecisionInput {
  return { ...input, args: parts.checking.redact(input.args).value as DecisionInput["args"] };
}
