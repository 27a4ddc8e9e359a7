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
export { contextOf } from "./context.ts";
export type { Control, Loaded, PlaneKeeper } from "./control.ts";
export { govern } from "./govern.ts";
export { keepPlane, planeLeaseMs } from "./keep-plane.ts";
export { lift } from "./lift.ts";
export { type LoadSources, loadPlane } from "./load-plane.ts";
export { invite, logIn, logInCli } from "./log-in.ts";
export { noteRead } from "./note-read.ts";
export { openRun, type RunRequest } from "./open-run.ts";
export { reviewTool } from "./review-tool.ts";
export { type AlertRow, heldChannel, latestWorkspace, listProposals, openAlerts, planeChannel } from "./sql.ts";
export { type StopReport, type StopRequest, stop } from "./stop.ts";
export { endTier, proposeTier, signTier, type WaiverRequest } from "./waive.ts";
