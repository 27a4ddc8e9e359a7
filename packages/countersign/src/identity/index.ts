export { addPasskey, readPasskey } from "./add-passkey.ts";
export { type Admitted, admitAgain, type Readmitted, tokenIn } from "./admit-again.ts";
export { beginAtProvider, bindingOf, completeAtProvider, type Provider } from "./ask-provider.ts";
export { FailedAttempts } from "./attempts.ts";
export { authenticate } from "./authenticate.ts";
export type { Caller, PersonCaller } from "./caller.ts";
export { callerWith } from "./caller-with.ts";
export { type IdentityEntry, type Origin, ofTheServer, type PublicJwk } from "./credential.ts";
export { type CredentialSet, keyedEnvironments, liveCredential } from "./credentials.ts";
export { type Directory, frozenBecause, isSinglePerson } from "./directory.ts";
export { SeenProofs } from "./dpop.ts";
export { exchange } from "./exchange.ts";
export { exchangeWorkload } from "./exchange-workload.ts";
export { flushUses } from "./flush-uses.ts";
export { forgetExpired } from "./forget-expired.ts";
export { type Hands, handsOf, vouchersOf } from "./hands.ts";
export { issueKey } from "./issue-key.ts";
export { issueLink } from "./issue-link.ts";
export { issuePersonToken } from "./issue-person-token.ts";
export { IssuerKeys } from "./issuer-keys.ts";
export { loadCredentials } from "./load-credentials.ts";
export {
  hasLogins,
  insertLogin,
  providerPeople,
  providerPersonLike,
  putProviderPerson,
  takeLogin,
} from "./login-sql.ts";
export {
  authorizationServerMetadata,
  challenge,
  issuerOf,
  jwksDocument,
  jwtBearerGrant,
  protectedResourceMetadata,
  resourceMetadataAddress,
} from "./metadata.ts";
export { type Assertion, type Attestation, type Passkey, siteOf } from "./passkey.ts";
export { passkeyOptions } from "./passkey-options.ts";
export { countUse, listPasskeys, passkeyById, removePasskeys, takeChallenge } from "./passkey-sql.ts";
export { countAsOne, type Deed, deeds, may, type PermissionContext, requireMay } from "./permission.ts";
export { everybody, newcomerRoles, type ProviderPerson, readClaims } from "./provider-person.ts";
export { readSignature } from "./read-signature.ts";
export { lookAtLink, redeemLink } from "./redeem-link.ts";
export { registerPublicKey } from "./register-public-key.ts";

export { revokeCredential } from "./revoke-credential.ts";
export { rewrapTokenKeys } from "./rewrap-token-keys.ts";
export { rotateKey } from "./rotate-key.ts";
export {
  cookieIn,
  cookieName,
  csrfOf,
  endSession,
  isCsrf,
  isSessionOpen,
  openSession,
  readSession,
  sessionOf,
  setCookie,
} from "./session.ts";
export { type ShutOut, shutOut } from "./shut-out.ts";
export { sharedUses, UseLog } from "./sighting.ts";
export { countTokenKeysOfOther, isKeyRevoked, listCredentials } from "./sql.ts";
export { standWorkloads } from "./stand-workloads.ts";
export { TokenCache } from "./token.ts";
export { loadTokenKeys, type TokenKeys } from "./token-key.ts";
export {
  type ClaimRule,
  couldBothMean,
  type TrustedIssuer,
  type Workload,
  workloadRules,
  workloadWords,
} from "./workload.ts";
