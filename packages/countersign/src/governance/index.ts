export {
  issueAgentKey,
  issueFirstKey,
  type KeyShown,
  registerAgentPublicKey,
  revokeAgentCredential,
  rotateAgentKey,
} from "./agent-keys.ts";
export { answer } from "./answer.ts";
export { applyFirst, applyWorkspace, planWorkspace, WorkspaceFaults } from "./apply-workspace.ts";
export { cancelAction } from "./cancel-action.ts";
export { contextOf } from "./context.ts";
export type { Control, PlaneKeeper } from "./control.ts";

export { proposeErasure, signErasure } from "./erase.ts";
export { eraseOld } from "./erase-old.ts";
export { exportLog } from "./export-log.ts";
export { keepPlane } from "./keep-plane.ts";
export { keepSecret } from "./keep-secret.ts";
export { lift } from "./lift.ts";
export { listReaders } from "./list-readers.ts";
export type { LoadSources } from "./load-plane.ts";
export { invite, logIn, logInCli } from "./log-in.ts";
export { logOut } from "./log-out.ts";
export { noteRead } from "./note-read.ts";
export type { OpenLog } from "./open-log.ts";
export { openRun } from "./open-run.ts";
export { endPreservation, preserve } from "./preserve.ts";
export { readDeed } from "./read-deed.ts";
export { reverseAction } from "./reverse-action.ts";
export { reviewTool } from "./review-tool.ts";
export { openSealing, type Sealing } from "./sealing.ts";
export { settleAlert } from "./settle-alert.ts";
export { settleUnknown } from "./settle-unknown.ts";
export { latestWorkspace, listProposals, openAlerts } from "./sql.ts";
export { stop } from "./stop.ts";
export { endTier, proposeTier, signTier } from "./waive.ts";
