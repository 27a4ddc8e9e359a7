import { effectOf, type Measured, type OpenAction, sizeOfShown } from "../action/index.ts";
import { isUnopened, lookedAt, type Part, partsOf } from "../approvals/index.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import type { AnswerRequest } from "./answer.ts";
import type { Control } from "./control.ts";

/**
 * How long and how much somebody looked, and whether that was too little for what depends on it. What nobody weighed counts
 * as a high risk, what no client measured as long as it was there, and what no client says was opened as not opened.
 */
export function measure(
  control: Control,
  person: Pick<PersonCaller, "email">,
  open: OpenAction,
  request: Pick<AnswerRequest, "verdict" | "dwellMs" | "opened" | "inMessage">,
  shownMs: number,
): Measured {
  const { verdict, dwellMs = shownMs, inMessage, opened = [] } = request;
  const plane = control.parts.plane.current();
  const floorMs = plane.answering?.skimFloorMs;
  const level = open.risk?.level ?? "high";
  const parts = partsOf(open, effectOf(open));
  requireKnown(parts, opened);
  const asked = (open.questions ?? []).filter(({ by }) => by === person.email).length;
  const looked = lookedAt(parts, inMessage === true ? "all" : opened, asked);
  // INVARIANT: what was opened only ever asks one person more: a short look stays one, whatever was opened within it.
  const isWeighed = verdict === "approve" && level === "high" && floorMs !== undefined;
  const isShort = isWeighed && Math.min(dwellMs, shownMs) < floorMs;
  const unopened = isWeighed && isUnopened(parts, looked);
  return {
    shownMs,
    size: sizeOfShown(open),
    risk: level,
    skimmed: isShort || unopened,
    looked,
    unopened: unopened && !isShort,
    mends: plane.singlePerson,
  };
}

function requireKnown(parts: readonly Part[], opened: readonly string[]): void {
  const known = new Set(parts.map(({ id }) => id));
  const strange = opened.find((id) => !known.has(id));
  if (strange === undefined) return;
  throw new Problem("invalid", `the request has no part \`${strange.slice(0, 40)}\``, {
    at: "/opened",
    help: "`parts` of the approval names them",
  });
}
