import { Problem } from "../../floor/problem.ts";
import type { Answer } from "../connector.ts";
import type { Lent, StdioConfig } from "./child.ts";
import type { LinkContext } from "./link.ts";

const nothing: Lent = {
  env: {},
  revoked: new AbortController().signal,
  isCurrent: async () => true,
  release: async () => undefined,
};

/** What a process that is started now is given. Where that cannot be had, it is not started with less. */
export async function lendTo(config: StdioConfig, { log, server }: LinkContext): Promise<Lent | Answer> {
  try {
    return (await config.lend?.()) ?? nothing;
  } catch (thrown) {
    if (thrown instanceof Problem)
      return { kind: "never_sent", reason: `the server's process was not started: ${thrown.detail}` };
    log.error({ server, err: thrown }, "what an upstream server's process needs could not be had");
    return { kind: "never_sent", reason: "what the server's process needs could not be had" };
  }
}
