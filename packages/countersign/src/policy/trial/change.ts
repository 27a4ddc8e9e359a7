import { canonical, type Json } from "@countersign/contract";
import type { Outcome } from "../decide.ts";

/** What another policy set would do otherwise with one call. */
export type OutcomeChange = "allowed" | "denied" | "asked" | "waiting" | "asked otherwise";

type Compared = Pick<Outcome, "effect" | "requirements">;

/** Newly allowed, newly denied, newly in need of a person, newly waiting, or of other people; undefined: as before. */
export function outcomeChange(was: Compared, is: Compared): OutcomeChange | undefined {
  if (is.effect !== "require") {
    if (is.effect === was.effect) return undefined;
    return is.effect === "allow" ? "allowed" : "denied";
  }
  const asks = needsPerson(is);
  if (was.effect !== "require" || asks !== needsPerson(was)) return asks ? "asked" : "waiting";
  return requirementText(was) === requirementText(is) ? undefined : "asked otherwise";
}

function needsPerson({ requirements }: Compared): boolean {
  return requirements.some((requirement) => requirement.kind === "approval");
}

/** What is asked for, whichever policy asks. */
function requirementText({ requirements }: Compared): string {
  return requirements
    .map(({ policy: _, policyDigest: __, ...rest }) => canonical(JSON.parse(JSON.stringify(rest)) as Json))
    .sort()
    .join("\n");
}
