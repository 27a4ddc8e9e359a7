export { NoToken, verifyIssuer } from "./authorization-server.ts";
export { beginAuthorization } from "./begin-authorization.ts";
export type { Lent } from "./child.ts";
export {
  decodeHeader,
  encodeHeader,
  mirroredParams,
  mirroredText,
  mirrors,
  namedBy,
} from "./header.ts";
export type { ClientSide, ServerSelf } from "./link.ts";
export { listAll } from "./list-all.ts";
export { createOAuth, earlyMs, type LendClient, type TokenStore } from "./oauth.ts";
export type { OAuthConfig, Tokens } from "./oauth-config.ts";
export { algorithmOf } from "./private-key.ts";
export { redeemCode } from "./redeem-code.ts";
export { renewTokens } from "./renew-tokens.ts";
export { revokeTokens } from "./revoke-tokens.ts";
export type { SessionRow, SessionStore } from "./session.ts";
export { createSessions } from "./sessions.ts";
export { readSse } from "./sse.ts";
export { Unconnected } from "./unconnected.ts";
export { openUpstream, type Upstream } from "./upstream.ts";
export type { UpstreamConfig } from "./upstream-config.ts";
export { createUpstreams, type Upstreams } from "./upstreams.ts";
export {
  type Era,
  isLegacyVersion,
  isObject,
  legacyVersions,
  metaKeys,
  modernVersion,
  objectAt,
  type RpcError,
  type RpcId,
  type RpcMessage,
  readRpc,
  rpcCodes,
} from "./wire.ts";
