import type { IncomingMessage } from "node:http";
import type { Log } from "../../floor/log.ts";
import type { ConnectionSources, Control, LoadSources, Notices, OpenLog, Sealing } from "../../governance/index.ts";
import type { ConsoleFiles } from "./console-files.ts";
import type { IdentityMemory } from "./identity-memory.ts";
import type { Metrics } from "./metrics.ts";
import type { Refusals } from "./refusals.ts";
import type { StreamHub } from "./stream-hub.ts";

export interface HttpSetting {
  readonly control: Control;
  readonly sources: LoadSources;
  readonly identity: IdentityMemory;
  /** Where secrets and people's connections are kept. */
  readonly connections: ConnectionSources;
  readonly logBook: OpenLog;
  readonly sealing: Sealing;
  /** What tells people and their systems. */
  readonly notices: Notices;
  /** Where people and agents reach this server, without a slash at its end. */
  readonly publicUrl: () => string;
  readonly sourceOf: (request: IncomingMessage) => string;
  readonly metrics: Metrics;
  readonly refusals: Refusals;
  readonly stream: StreamHub;
  readonly console: ConsoleFiles;
  /** Fires where this server has drained: what still waits answers now. */
  readonly closing: AbortSignal;
  readonly log: Log;
}
