import type { Clock } from "../../floor/clock.ts";
import type { Log } from "../../floor/log.ts";
import type { Secret } from "../../floor/secret.ts";
import type { StdioConfig } from "./child.ts";

export interface HttpConfig {
  readonly transport: "http";
  readonly url: string;
  readonly headers: Readonly<Record<string, Secret>>;
  /** Where the credential is not a fixed header: asked at each request. */
  readonly credentials?: {
    readonly headers: () => Promise<Readonly<Record<string, Secret>>>;
    /** The upstream did not take these. */
    readonly refused: (headers: Readonly<Record<string, Secret>>) => void;
    /** Which connection these are of, where that can change: what was opened under one is not used under another. */
    readonly whose?: (headers: Readonly<Record<string, Secret>>) => string | undefined;
  };
}

export type UpstreamConfig = { readonly server: string } & (HttpConfig | StdioConfig);

export interface UpstreamTools {
  readonly log: Log;
  readonly clock: Clock;
  /** Called where a server says that its tools have changed. */
  readonly onToolsChanged?: (server: string) => void;
}
