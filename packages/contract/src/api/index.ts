export {
  actionCase,
  actionConditions,
  actionPage,
  actionQuery,
  actionView,
  closedRun,
  pageQuery,
  reasonBody,
  replyBody,
  run,
  runBody,
  runPage,
  runQuery,
  runTimeline,
  runView,
  submitBody,
  waitQuery,
} from "./action.ts";
export {
  answerBody,
  answered,
  approval,
  approvalPage,
  approvalQuery,
  askBackBody,
  batchBody,
  batched,
  batches,
  editBody,
  edited,
  settleBody,
  unknownPage,
} from "./approval.ts";
export { approvalReport, approvalReportQuery } from "./approval-report.ts";
export { answersPage, answersQuery, approvalLoad, canaries } from "./approver.ts";
export { authzenConfiguration, evaluation, evaluationBody, evaluations, evaluationsBody } from "./authzen.ts";
export { completeness, completenessQuery } from "./completeness.ts";
export {
  begun,
  callbackQuery,
  codeBody,
  connectBody,
  connectionId,
  connections,
  consent,
  consentId,
  disconnected,
  serverName,
} from "./connection.ts";
export {
  cliBody,
  cliMade,
  credentialQuery,
  credentials,
  keyBody,
  keyShown,
  linkMade,
  loggedOut,
  loginForm,
  loginQuery,
  me,
  providerForm,
  publicKeyBody,
  publicKeyMade,
  revokeBody,
} from "./credential.ts";
export { advice, askBody } from "./decision.ts";
export { decisionDocument } from "./decision-input.ts";
export {
  erasureBody,
  erasureMade,
  erasureProposals,
  preservationBody,
  preservationMade,
  preservations,
} from "./erasure.ts";
export { breakGlassBody, brokeGlass, glass, glasses, glassId, reviewGlassBody } from "./glass.ts";
export { grant, grantBody, grantEndBody, grantId, grantProposals, grantShape, grants, proposalQuery } from "./grant.ts";
export {
  approverPace,
  credentialUses,
  decidedQuery,
  nearMisses,
  nearMissQuery,
  policyDecisions,
  proseBody,
  proseDraft,
  roles,
  stopView,
  toolDefinition,
  toolQuery,
  tools,
  unknownView,
  usesQuery,
  workflowName,
  workflowRules,
  workspaceFiles,
} from "./inventory.ts";
export { consistency, consistencyQuery, inclusion, inclusionQuery, ledgerState, rotated, trust } from "./ledger.ts";
export { noticePage, noticePath, noticeQuery, testPageBody, testPaged } from "./notice.ts";
export {
  approvalPasskey,
  assertion,
  passkeyBody,
  passkeyId,
  passkeyMade,
  passkeyOptions,
  passkeyQuery,
  passkeys,
} from "./passkey.ts";
export {
  agents,
  alertPath,
  alertQuery,
  alerts,
  applied,
  applyBody,
  catalog,
  emptyBody,
  endLoginsBody,
  gapList,
  governed,
  groups,
  loginsEnded,
  now,
  people,
  plan,
  planBody,
  policies,
  proposal,
  proposals,
  reviewBody,
  reviews,
  sealing,
  sealingRotated,
  secretBody,
  secretKept,
  secretRemoveBody,
  secretRemoved,
  secrets,
  signBody,
  waiverBody,
  waiverMade,
  waivers,
  workflows,
  workspace,
} from "./plane.ts";
export {
  historyQuery,
  policyCheckBody,
  policyChecked,
  policyExplainBody,
  policyExplained,
  policyHistory,
  policyRules,
  policySimulateBody,
  policySimulation,
  policySimulationLine,
  policyTestBody,
  policyTested,
  rollBackBody,
  rollBackPlan,
  rollBackPlanBody,
  rolledBack,
  whoCan,
  whoCanQuery,
} from "./policy.ts";
export { problem } from "./problem.ts";
export { diffBody, policyDiff, proofs, proveBody } from "./proof.ts";
export { bundleQuery, found, lookupQuery, readers, receipt, receiptId } from "./receipt.ts";
export { giveUpReversalBody, reversal, reversalPreview, reversalPreviewQuery, reverseRunBody } from "./reversal.ts";
export { findings, findingsQuery, grantsQuery, minimalGrants, workflowParams } from "./rules.ts";
export { lifted, stopBody, stopList, stopReport } from "./stop.ts";
export { actionId, digest, email, idOf, json, jsonObject, name, runId } from "./text.ts";
