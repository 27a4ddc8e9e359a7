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
export {
  createOAuth,
  type OAuth,
  type OAuthConfig,
  type TokenStore,
  type Tokens,
} from "./oauth.ts";
export type { SessionRow, SessionStore } from "./session.ts";
export { createSessions } from "./sessions.ts";
export { readSse } from "./sse.ts";
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
