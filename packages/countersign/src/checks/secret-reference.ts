import type { CheckFact } from "@countersign/contract";
import { type Clock, systemClock } from "../floor/clock.ts";
import { digestText } from "../floor/digest.ts";
import type { Check, CheckInput } from "./check.ts";
import { decodeOnce } from "./decode.ts";
import { foldView } from "./fold.ts";
import { redact } from "./redact.ts";
import { type Found, rootView } from "./view.ts";

const reference = /secret:\/\//gi;

/**
 * The check `secret-reference`: fails where an agent sends `secret://…`. Nothing resolves it, it is plain text there;
 * that an agent tries is the signal.
 */
export function createSecretReferenceCheck(clock: Clock = systemClock): Check {
  const version = digestText(`secret-reference 1 ${reference.source}`);
  return {
    name: "secret-reference",
    version,
    async run(input: CheckInput): Promise<CheckFact> {
      const started = clock.tick();
      const { evidence, count } = redact(input.value, findReference);
      return {
        name: "secret-reference",
        version,
        verdict: count === 0 ? "pass" : "fail",
        at: input.at,
        evidence: evidence.slice(0, 50),
        microseconds: Math.round((clock.tick() - started) * 1000),
        argsDigest: input.digest,
      };
    },
  };
}

function findReference(text: string): Found[] {
  const folded = foldView(rootView(text));
  for (const view of [folded, ...decodeOnce(folded)]) {
    if (view.text.search(reference) >= 0) return [{ rule: "secret-reference", start: 0, end: text.length }];
  }
  return [];
}
