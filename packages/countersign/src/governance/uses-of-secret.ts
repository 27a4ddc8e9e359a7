import type { Workspace } from "../workspace/index.ts";
import { secretsOfChannel } from "./missing-secrets.ts";
import { secretsOf } from "./secrets-of.ts";

/** What of a workspace refers to a secret, in words; empty where nothing does. */
export function usesOfSecret(
  workspace: Pick<Workspace, "organisation" | "toolsFiles"> | undefined,
  name: string,
): readonly string[] {
  if (workspace === undefined) return [];
  const { decisionLog, login, notifications, vetoes } = workspace.organisation;
  const tools = workspace.toolsFiles.filter((file) => refersTo(() => secretsOf(file), name));
  const channels = notifications.filter((channel) => secretsOfChannel(channel).some((one) => one.name === name));
  const asked = vetoes.filter((veto) => "credential" in veto && veto.credential === name);
  return [
    ...tools.map(({ server }) => `\`tools/${server}.yaml\``),
    ...channels.map((channel) => `the channel \`${channel.name}\``),
    ...asked.map((veto) => `the veto \`${veto.name}\``),
    ...(login.provider?.credential === name ? ["the login provider"] : []),
    ...(decisionLog?.credential === name ? ["the decision log"] : []),
  ];
}

/** A file that names what no secret can be called is given none. */
function refersTo(names: () => readonly string[], name: string): boolean {
  try {
    return names().includes(name);
  } catch {
    return false;
  }
}
