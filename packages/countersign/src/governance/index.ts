export {
  issueAgentKey,
  issueFirstKey,
  type KeyRequest,
  type KeyShown,
  registerAgentPublicKey,
  revokeAgentCredential,
  rotateAgentKey,
} from "./agent-keys.ts";
export { type AnswerRequest, answer } from "./answer.ts";
export { applyFirst, applyWorkspace, type Planned, planWorkspace, WorkspaceFaults } from "./apply-workspace.ts";
export { cancelAction } from "./cancel-action.ts";
export { contextOf } from "./context.ts";
export type { Control, Loaded, PlaneKeeper } from "./control.ts";
export { govern } from "./govern.ts";
export { keepPlane, planeLeaseMs } from "./keep-plane.ts";
export { keepSecret } from "./keep-secret.ts";
export { lift } from "./lift.ts";
export { listReaders, type Reader } from "./list-readers.ts";
export { type LoadSources, loadPlane } from "./load-plane.ts";
export { invite, logIn, logInCli } from "./log-in.ts";
export { logOut } from "./log-out.ts";
export { noteRead } from "./note-read.ts";
export { type OpenLog, openLog } from "./open-log.ts";
export { openRun, type RunRequest } from "./open-run.ts";
export { type DeedReceipt, readDeed } from "./read-deed.ts";
export { reverseAction } from "./reverse-action.ts";
export { reviewTool } from "./review-tool.ts";
export { settleAlert } from "./settle-alert.ts";
export { settleUnknown } from "./settle-unknown.ts";
export { type AlertRow, heldChannel, latestWorkspace, listProposals, openAlerts, planeChannel } from "./sql.ts";
export { type StopReport, type StopRequest, stop } from "./stop.ts";
export { endTier, proposeTier, signTier, type WaiverRequest } from "./waive.ts";
