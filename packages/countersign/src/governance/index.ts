export {
  issueAgentKey,
  issueFirstKey,
  type KeyShown,
  registerAgentPublicKey,
  revokeAgentCredential,
  rotateAgentKey,
} from "./agent-keys.ts";
export { type AnswerRequest, answer } from "./answer.ts";
export { applyFirst, applyWorkspace } from "./apply-workspace.ts";
export { type AskedAbout, askAbout } from "./ask-about.ts";
export { bindBrowser } from "./bind-browser.ts";
export { cancelAction } from "./cancel-action.ts";
export { checkPolicies } from "./check-policies.ts";
export { checkPolicyTexts } from "./check-policy-texts.ts";
export { closePolicies } from "./close-policies.ts";
export { completeConnect } from "./complete-connect.ts";
export { confirmBrowser, ownConsent } from "./confirm-browser.ts";
export { connect } from "./connect.ts";
export type { ConnectionSources } from "./connection-sources.ts";
export { contextOf } from "./context.ts";
export type { Control, PlaneKeeper } from "./control.ts";

export { diffPolicies, type PolicyDiff } from "./diff-policies.ts";
export { disconnect } from "./disconnect.ts";
export { proposeErasure, signErasure } from "./erase.ts";
export { eraseOld } from "./erase-old.ts";
export { explainRequest } from "./explain-request.ts";
export { exportLog } from "./export-log.ts";
export { keepPlane } from "./keep-plane.ts";
export { keepSecret } from "./keep-secret.ts";
export { lift } from "./lift.ts";
export { lintPolicies } from "./lint-policies.ts";
export { listAnswers } from "./list-answers.ts";
export { listApprovals } from "./list-approvals.ts";
export { listReaders } from "./list-readers.ts";
export type { LoadSources } from "./load-plane.ts";
export { invite, logIn, logInCli } from "./log-in.ts";
export { logOut } from "./log-out.ts";
export { type Browser, type ConsentPage, lookAtConsent } from "./look-at-consent.ts";
export { measureLoad } from "./measure-load.ts";
export { minimiseGrants } from "./minimise-grants.ts";
export { noteRead } from "./note-read.ts";
export type { OpenLog } from "./open-log.ts";
export { openRun, type RunRequest } from "./open-run.ts";
export { planWorkspace } from "./plan-workspace.ts";
export { endPreservation, preserve } from "./preserve.ts";
export { provePolicies } from "./prove-policies.ts";
export { readDeed } from "./read-deed.ts";
export { readHistory } from "./read-history.ts";
export { readNow } from "./read-now.ts";
export { listProposed, type ProposalLine, type ProposalShown, showProposal } from "./read-proposal.ts";
export { reverseAction } from "./reverse-action.ts";
export { reviewTool } from "./review-tool.ts";
export { planRollBack, rollBack } from "./roll-back.ts";
export { ruleBindings } from "./rule-bindings.ts";
export { openSealing, type Sealing } from "./sealing.ts";
export { settleAlert } from "./settle-alert.ts";
export { settleUnknown } from "./settle-unknown.ts";
export { type ShownApproval, showApproval } from "./show-approval.ts";
export { showCanaries } from "./show-canaries.ts";
export { signProposal } from "./sign-proposal.ts";
export { simulatePolicies } from "./simulate-policies.ts";
export { latestWorkspace, listProposals, openAlerts } from "./sql.ts";
export { stop } from "./stop.ts";
export { testPolicies } from "./test-policies.ts";
export { endTier, proposeTier, signTier } from "./waive.ts";
export { whoCan, whoCanAssumes } from "./who-can.ts";
export { withdrawProposal } from "./withdraw-proposal.ts";
export { WorkspaceFaults } from "./workspace-faults.ts";
