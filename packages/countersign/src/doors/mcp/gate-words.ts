import type { RpcCall } from "./rpc-call.ts";
import { actionTool } from "./setting.ts";

/** What an agent must know of the gate before its first call; of its own session only, and nothing that is a secret. */
export function gateWords({ caller, scope, setting }: Pick<RpcCall, "caller" | "scope" | "setting">): string {
  const { agent, workflow, environment } = caller;
  const where = environment === undefined ? "" : `, with a key for the environment \`${environment}\``;
  const placed = scope.servers.filter((server) => setting.wantsAbsolute?.(server) === true).sort();
  const paths = `Give absolute paths to ${placed.map((name) => `\`${name}\``).join(", ")}: what a relative one means is not known here, so it counts as production.`;
  return [
    `Each call passes a gate: it runs, it is refused, or it is held until people have answered. You act as \`${agent}\` in the workflow \`${workflow}\`${where}.`,
    "A refusal says why, and is recorded: change what it names before you call again.",
    `A held call answers with the id of an action: ask again with the tool ${actionTool} and that id. It runs once when people approve, whether you ask or not, so sending it again is safe and unneeded.`,
    ...(placed.length === 0 ? [] : [paths]),
  ].join(" ");
}
