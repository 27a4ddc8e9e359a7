export type { StdioConfig } from "./child.ts";
export {
  decodeHeader,
  encodeHeader,
  type MirroredParam,
  mirroredParams,
  mirroredText,
  mirrors,
  namedBy,
} from "./header.ts";
export type { ClientSide, ServerSelf } from "./link.ts";
export type { RequestOptions } from "./links.ts";
export { listAll } from "./list-all.ts";
export {
  type Authorization,
  createOAuth,
  type OAuth,
  type OAuthConfig,
  type TokenStore,
  type Tokens,
} from "./oauth.ts";
export type { SessionRow, SessionStore } from "./session.ts";
export { createSessions } from "./sessions.ts";
export { Flood, readSse, type SseEvent } from "./sse.ts";
export { openUpstream, type Upstream } from "./upstream.ts";
export type { HttpConfig, UpstreamConfig, UpstreamTools } from "./upstream-config.ts";
export { createUpstreams, type Upstreams } from "./upstreams.ts";
export {
  type Era,
  isLegacyVersion,
  isObject,
  isRpcId,
  type LegacyVersion,
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
