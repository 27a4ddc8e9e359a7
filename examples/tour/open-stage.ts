import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../packages/countersign/src/config.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { createLog } from "../../packages/countersign/src/floor/log.ts";
import { invite, issueFirstKey } from "../../packages/countersign/src/governance/index.ts";
import { type Running, serve } from "../../packages/countersign/src/serve.ts";

export interface OpenStage {
  readonly running: Running;
  readonly log: string;
  link(person: string): Promise<string>;
  key(): Promise<string>;
}

/** Brings the product up over a folder: its data, and the workspace in it. The log goes to a file beside them. */
export async function openStage(folder: string, port: number): Promise<OpenStage> {
  const log = join(folder, "server.log");
  const config = readConfig({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    COUNTERSIGN_DATA: join(folder, "data"),
    COUNTERSIGN_WORKSPACE: join(folder, "workspace"),
    COUNTERSIGN_PORT: String(port),
    COUNTERSIGN_DRAIN_SECONDS: "5",
  });
  const running = await serve({
    config,
    clock: systemClock,
    log: createLog("info", createWriteStream(log, { flags: "a", mode: 0o600 })),
  });
  return {
    running,
    log,
    link: async (person) => (await invite(running.control, "countersign", person)).shownOnce.reveal(),
    key: async () =>
      (
        await issueFirstKey(running.control, { agent: "scribe", environment: "sandbox", note: "the example" })
      ).shownOnce.reveal(),
  };
}
