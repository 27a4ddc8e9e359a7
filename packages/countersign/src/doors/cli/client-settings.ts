import { ownProgram } from "../../floor/called-as.ts";

export interface ClientSettings {
  /** The plane's address. */
  readonly url: string;
  readonly key: string;
  /** One server under its own tool names. */
  readonly server?: string;
}

export function doorOf({ url, server }: Pick<ClientSettings, "url" | "server">): string {
  return `${url}/mcp${server === undefined ? "" : `/${encodeURIComponent(server)}`}`;
}

/**
 * What a client starts: this very program with this very Node, each by its whole path. A client starts it in whatever
 * folder it works in, and a name would be looked up there, or asked for in the public registry.
 */
export function bridgeOf({ url, key, server }: ClientSettings) {
  return {
    command: process.execPath,
    args: [ownProgram, "mcp", ...(server === undefined ? [] : ["--server", server])],
    env: { COUNTERSIGN_KEY: key, COUNTERSIGN_URL: url },
  };
}

export function claudeCommand(settings: ClientSettings): string {
  return `claude mcp add --transport http countersign ${doorOf(settings)} --header "Authorization: Bearer ${settings.key}"`;
}

/** A `.mcp.json` for clients that open addresses. */
export function httpJson(settings: ClientSettings): string {
  const headers = { Authorization: `Bearer ${settings.key}` };
  return JSON.stringify({ mcpServers: { countersign: { type: "http", url: doorOf(settings), headers } } });
}

/** A `.mcp.json` for clients that start a command. */
export function bridgeJson(settings: ClientSettings): string {
  return JSON.stringify({ mcpServers: { countersign: bridgeOf(settings) } });
}

/** Codex's `config.toml`. JSON's strings and lists of strings are TOML's. */
export function codexToml(settings: ClientSettings): readonly string[] {
  const { command, args, env } = bridgeOf(settings);
  const pairs = Object.entries(env).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return [
    "[mcp_servers.countersign]",
    `command = ${JSON.stringify(command)}`,
    `args = [${args.map((one) => JSON.stringify(one)).join(", ")}]`,
    `env = { ${pairs.join(", ")} }`,
  ];
}
