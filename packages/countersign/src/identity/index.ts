export type { Account } from "./account.ts";
export { FailedAttempts } from "./attempts.ts";
export { type AuthenticateContext, authenticate, type Headers } from "./authenticate.ts";
export { type Caller, type PersonCaller, type Role, roles } from "./caller.ts";
export type { AgentKey, AgentPublicKey, Credential, IdentityEntry, PersonToken, PublicJwk } from "./credential.ts";
export { type CredentialSet, credentialSet, staleAfterMs } from "./credentials.ts";
export { type Agent, type Directory, frozenBecause, isSinglePerson, orphans, type Person } from "./directory.ts";
export { SeenProofs } from "./dpop.ts";
export { type ExchangeContext, type Exchanged, exchange } from "./exchange.ts";
export { flushUses } from "./flush-uses.ts";
export { forgetExpired } from "./forget-expired.ts";
export { type IssuedKey, type IssueKey, issueKey } from "./issue-key.ts";
export { type IssuedLink, issueLink } from "./issue-link.ts";
export { issuePersonToken } from "./issue-person-token.ts";
export { keyTextPattern } from "./key-text.ts";
export { loadCredentials } from "./load-credentials.ts";
export {
  authorizationServerMetadata,
  challenge,
  issuerOf,
  jwksDocument,
  protectedResourceMetadata,
  resourceMetadataAddress,
  tokenEndpointOf,
} from "./metadata.ts";
export { type Deed, deeds, may, type Permission, type PermissionContext, requireMay } from "./permission.ts";
export { lookAtLink, redeemLink } from "./redeem-link.ts";
export { type RegisterPublicKey, registerPublicKey } from "./register-public-key.ts";
export { reportSharing } from "./report-sharing.ts";
export { type RevokedCredentials, revokeCredential } from "./revoke-credential.ts";
export { type RotatedKey, rotateKey } from "./rotate-key.ts";
export {
  cookieName,
  csrfOf,
  endSession,
  isCsrf,
  type OpenedSession,
  openSession,
  readSession,
  setCookie,
} from "./session.ts";
export { type SharedUse, type Sighting, sharedUses, UseLog } from "./sighting.ts";
export { type CredentialLine, listCredentials } from "./sql.ts";
export { TokenCache } from "./token.ts";
export { loadTokenKeys, rotateTokenKey, type Sealer, type TokenKeys } from "./token-key.ts";
