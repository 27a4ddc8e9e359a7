import { stringify } from "yaml";
import { z } from "zod";
import { Problem } from "../floor/problem.ts";
import { holdsCredential, isSecretName, prefixOf } from "./credential-shape.ts";
import { type ToolsFile, toolsFileSchema } from "./tools-file.ts";

const entrySchema = z.looseObject({
  type: z.string().optional(),
  command: z.string().optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  cwd: z.string().optional(),
  url: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
});
type Entry = z.infer<typeof entrySchema>;

const clientFileSchema = z.looseObject({
  mcpServers: z.record(z.string(), entrySchema).optional(),
  servers: z.record(z.string(), entrySchema).optional(),
});

/** One `tools/<server>.yaml` to write, and what the person still has to do for it. */
export interface ImportedServer {
  readonly server: string;
  readonly file: string;
  readonly text: string;
  /** Names to put with `countersign secret put`; never values. */
  readonly secrets: readonly { readonly name: string; readonly from: string }[];
  readonly notes: readonly string[];
}

/**
 * Reads a client's `.mcp.json` (`mcpServers`) or VS Code's `mcp.json` (`servers`). Whatever looks like a credential
 * is replaced by a reference to a secret and named, never repeated.
 */
export function importMcpJson(json: unknown): readonly ImportedServer[] {
  const read = clientFileSchema.safeParse(json);
  if (!read.success) {
    const at = read.error.issues[0]?.path.join(".");
    throw new Problem("invalid", `this is not a client's list of MCP servers: look at \`${at}\``);
  }
  const entries = Object.entries({ ...read.data.servers, ...read.data.mcpServers });
  if (entries.length === 0) throw new Problem("invalid", "no servers are listed under `mcpServers` or `servers`");
  const taken = new Set<string>();
  return entries.map(([name, entry]) => importOne(serverNameOf(name, taken), entry));
}

function importOne(server: string, entry: Entry): ImportedServer {
  const secrets = new Secrets(server);
  const notes: string[] = [];
  const transport = entry.url === undefined ? stdio(entry, secrets, notes) : http(entry.url, entry, secrets, notes);
  const parsed = toolsFileSchema.safeParse({ server, transport });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Problem(
      "invalid",
      `server \`${server}\` cannot be imported: ${issue?.path.join(".")}: ${issue?.message}`,
    );
  }
  notes.push("no tool is reviewed yet: every call is refused until `countersign tools review`");
  const text = stringify({ server, transport }, { lineWidth: 0 });
  return { server, file: `tools/${server}.yaml`, text, secrets: secrets.found, notes };
}

function stdio(entry: Entry, secrets: Secrets, notes: string[]): ToolsFileTransport {
  if (entry.command === undefined)
    throw new Problem("invalid", `server \`${secrets.server}\` has neither \`command\` nor \`url\``);
  if (/^(?:npx|bunx|uvx|pipx|docker)$/.test(entry.command)) {
    notes.push(`\`${entry.command}\` may download what it runs; install it and pin its version`);
  }
  const env = Object.entries(entry.env ?? {}).map(([name, value]) => {
    const text = String(value);
    return [name, isSecretName(name) || holdsCredential(text) ? secrets.take(name, `env ${name}`) : text] as const;
  });
  const args = argumentsOf(entry.args ?? [], secrets, env, notes);
  return {
    kind: "stdio",
    command: entry.command,
    args,
    ...(env.length === 0 ? {} : { env: Object.fromEntries(env) }),
    ...(entry.cwd === undefined ? {} : { cwd: entry.cwd }),
  };
}

/** Arguments are seen by every process of the machine, so a credential in one is cut out and said. */
function argumentsOf(
  args: readonly string[],
  secrets: Secrets,
  env: readonly (readonly [string, string])[],
  notes: string[],
): string[] {
  return args
    .map((arg, i) => {
      const flag = /^--?([A-Za-z][\w-]*)$/.exec(args[i - 1] ?? "")?.[1];
      const assigned = /^(--?[A-Za-z][\w-]*|[A-Z][A-Z0-9_]*)=(.+)$/s.exec(arg);
      const named = assigned?.[1] !== undefined && isSecretName(assigned[1]);
      const isSecret =
        (flag !== undefined && isSecretName(flag) && !arg.startsWith("-")) || named || holdsCredential(arg);
      if (!isSecret) return arg;
      const label = flag ?? assigned?.[1]?.replace(/^-+/, "") ?? `argument ${i + 1}`;
      const reference = secrets.take(label, `argument ${i + 1}`);
      const taken = env.some(([, value]) => value === reference);
      if (!taken)
        notes.push(
          `argument ${i + 1} held a credential and was cut; give it to the server by an environment variable as ${reference}`,
        );
      return assigned?.[1] !== undefined ? `${assigned[1]}=` : "";
    })
    .filter((arg) => arg !== "");
}

function http(url: string, entry: Entry, secrets: Secrets, notes: string[]): ToolsFileTransport {
  if (entry.type === "sse")
    notes.push("the old `sse` transport is not spoken; the server must speak streamable HTTP at this address");
  if (!URL.canParse(url)) throw new Problem("invalid", `server \`${secrets.server}\` has no address that can be read`);
  const address = new URL(url);
  if (address.password !== "" || address.username !== "") {
    secrets.take("password", "the address");
    notes.push("the address held a user name and password, which were cut; send them in a header");
    address.username = "";
    address.password = "";
  }
  for (const [name, value] of [...address.searchParams]) {
    if (!isSecretName(name) && !holdsCredential(value)) continue;
    secrets.take(name, `query ${name}`);
    notes.push(`\`${name}\` in the address held a credential and was cut; send it in a header`);
    address.searchParams.delete(name);
  }
  if (holdsCredential(decode(address.pathname))) {
    secrets.take("path", "the address");
    notes.push("the path of the address held a credential and was cut");
    address.pathname = "/";
  }
  address.hash = "";
  const plain: [string, string][] = [];
  let auth: { kind: "static"; header: string; prefix: string; secret: string } | undefined;
  for (const [name, value] of Object.entries(entry.headers ?? {})) {
    const prefix = prefixOf(value);
    if (!isSecretName(name) && !holdsCredential(value)) plain.push([name, value]);
    else if (auth === undefined)
      auth = {
        kind: "static",
        header: name.toLowerCase(),
        prefix,
        secret: secrets.take(
          name,
          prefix === "" ? `header ${name}` : `header ${name}, what follows \`${prefix.trim()}\``,
        ),
      };
    else plain.push([name, secrets.take(name, `header ${name}`)]);
  }
  return {
    kind: "http",
    url: address.href,
    ...(plain.length === 0 ? {} : { headers: Object.fromEntries(plain) }),
    ...(auth === undefined ? {} : { auth }),
  };
}

type ToolsFileTransport = z.input<typeof toolsFileSchema>["transport"] & {
  readonly kind: ToolsFile["transport"]["kind"];
};

/** Names the secrets of one server; the same name twice gets a number. */
class Secrets {
  readonly server: string;
  readonly found: { name: string; from: string }[] = [];
  constructor(server: string) {
    this.server = server;
  }
  take(label: string, from: string): string {
    const base = `${this.server}-${
      label
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "") || "secret"
    }`.slice(0, 100);
    let name = base;
    for (let i = 2; this.found.some((one) => one.name === name); i++) name = `${base}-${i}`;
    this.found.push({ name, from });
    return `secret://${name}`;
  }
}

function serverNameOf(name: string, taken: Set<string>): string {
  const base =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 40) || "server";
  let unique = base;
  for (let i = 2; taken.has(unique); i++) unique = `${base}-${i}`;
  taken.add(unique);
  return unique;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
