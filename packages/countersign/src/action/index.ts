export { advanceHeld, untilFirst } from "./advance-held.ts";
export { blankAlerts } from "./alert-sql.ts";
export { dropAnswers, type Measured } from "./approval-sql.ts";
export { type Advice, ask, askWithDecision } from "./ask.ts";
export { askBack } from "./ask-back.ts";
export type { PlannedStep } from "./call.ts";
export { dropExpiredClaims } from "./claim-sql.ts";
export { lookAtHeld, thawOpen } from "./due-sql.ts";
export { edit } from "./edit.ts";
export { type Effect, effectOf } from "./effect.ts";
export { findableOf } from "./findable.ts";
export { type Gap, gapsOf, measures, type Reason, reasons } from "./gaps-of.ts";
export { grantedCallOf, shapeOf } from "./gather-grants.ts";
export type { Submitted } from "./hall.ts";
export { heldForMs } from "./held-for.ts";
export { type ActionLine, listActions } from "./list-actions.ts";
export {
  comparePlaces,
  type HeldFilter,
  type HeldLine,
  listHeld,
  placeOf,
  readPlace,
  writePlace,
} from "./list-held.ts";
export { addInFlightHere, type InFlightSeen, listInFlight } from "./list-in-flight.ts";
export { listRuns } from "./list-runs.ts";
export { lookUp } from "./look-up.ts";
export type { OpenAction } from "./open.ts";
export { type OpenHall, openHall } from "./open-hall.ts";
export { addStandIns, countOpen, openRow } from "./open-sql.ts";
export { type Parts, type Point, points, type Tally } from "./parts.ts";
export { cancelChannel } from "./pass-cancel.ts";
export type { BreakGlass, Checking, Plane } from "./plane.ts";
export { withoutReason } from "./questions.ts";
export { readByRun } from "./read-by-run.ts";
export { readCall } from "./read-call.ts";
export { type Heads, type News, readNews } from "./read-news.ts";
export { readReceipt } from "./read-receipt.ts";
export { readRun } from "./read-run.ts";
export { readTimeline } from "./read-timeline.ts";
export type { Receipt } from "./receipt.ts";
export type { DecidedRecord } from "./record.ts";
export type { Beside } from "./recount-approvals.ts";
export { type RefusedCaller, refuseCaller } from "./refuse-caller.ts";
export { requireRoom, roomOf } from "./require-room.ts";
export { names } from "./run-line.ts";
export { runRow } from "./run-sql.ts";
export { digestOfShown, sizeOfShown } from "./shown.ts";
export { carryShown, forgetShown, noteShown, type Showing, shownSince } from "./shown-sql.ts";
export type { Submission } from "./submission.ts";
export { leftOut, type Survey, type Surveyed, surveyRun } from "./survey-run.ts";
export { undoNeeds } from "./undo-needs.ts";
export { voidNow } from "./void-approvals.ts";
export { createWatch } from "./watch.ts";
