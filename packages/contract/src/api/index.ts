export {
  actionPage,
  actionQuery,
  actionView,
  pageQuery,
  reasonBody,
  run,
  runBody,
  runPage,
  runQuery,
  runView,
  submitBody,
  waitQuery,
} from "./action.ts";
export { answerBody, answered, approval, approvalPage, approvalQuery, settleBody, unknownPage } from "./approval.ts";
export { answersPage, answersQuery, approvalLoad, canaries } from "./approver.ts";
export { authzenConfiguration, evaluation, evaluationBody, evaluations, evaluationsBody } from "./authzen.ts";
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
  loginForm,
  loginQuery,
  me,
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
export { consistency, consistencyQuery, inclusion, inclusionQuery, rotated, trust } from "./ledger.ts";
export {
  agents,
  alertPath,
  alerts,
  applied,
  applyBody,
  catalog,
  emptyBody,
  governed,
  groups,
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
export { findings, findingsQuery, grantsQuery, minimalGrants, workflowParams } from "./rules.ts";
export { lifted, stopBody, stopList, stopReport } from "./stop.ts";
export { actionId, digest, email, idOf, json, jsonObject, name, runId } from "./text.ts";
