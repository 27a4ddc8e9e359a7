import type { Json } from "@countersign/contract";
import type { ToolsFile } from "../catalog/index.ts";
import { findReferences } from "../secrets/index.ts";
import type { HttpTransport } from "./oauth-client.ts";

/** The secrets that the way to a server is given; a reference anywhere else in its file is plain text. Fails with `invalid` on a bad name. */
export function secretsOf({ transport }: ToolsFile): readonly string[] {
  return findReferences(transport.kind === "http" ? ofRequests(transport) : transport.env);
}

/** What each request to a server carries besides what OAuth adds, with references where secrets stand. */
export function headersOf({ headers, auth }: HttpTransport): Record<string, string> {
  return auth?.kind === "static" ? { ...headers, [auth.header]: `${auth.prefix}${auth.secret}` } : { ...headers };
}

function ofRequests(transport: HttpTransport): Json {
  const { auth } = transport;
  const headers = headersOf(transport);
  return auth?.kind === "oauth" ? [headers, auth.clientSecret ?? null, auth.privateKey ?? null] : headers;
}
