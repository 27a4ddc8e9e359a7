import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What the three servers of this example did, for whoever looks. */
export interface Deed {
  readonly tool: string;
  readonly args: { readonly [name: string]: unknown };
}

export interface Servers {
  readonly port: number;
  readonly deeds: readonly Deed[];
  close(): Promise<void>;
}

class Refused extends Error {}

const text = { type: "string" };
const schema = (properties: { readonly [name: string]: object }) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const environment = { enum: ["staging", "production"] };

const tools: { readonly [server: string]: readonly { readonly name: string; readonly [member: string]: unknown }[] } = {
  helpdesk: [
    { name: "search", description: "Finds tickets.", inputSchema: schema({ query: text }) },
    {
      name: "refund",
      description: "Pays an amount back. The amount is in cents.",
      inputSchema: schema({ ticket: text, amount: { type: "integer" }, currency: text }),
    },
    {
      name: "send_mail",
      description:
        "Sends a mail. `domains` are the domains of all addresses; a mail whose addresses say otherwise is refused.",
      inputSchema: schema({
        to: schema({ addresses: { type: "array", items: text }, domains: { type: "array", items: text } }),
        body: text,
      }),
    },
    {
      name: "forward_ticket",
      description: "Sends a ticket's text to people who can help.",
      inputSchema: schema({ ticket: text, to: { type: "array", items: text }, cc: { type: "array", items: text } }),
    },
    { name: "close_account", description: "Closes a customer's account.", inputSchema: schema({ account: text }) },
  ],
  flags: [
    { name: "get", description: "Tells a flag's percentage.", inputSchema: schema({ flag: text, environment }) },
    {
      name: "set_percentage",
      description: "Sets a flag's percentage.",
      inputSchema: schema({ flag: text, environment, percentage: { type: "integer", minimum: 0, maximum: 100 } }),
    },
  ],
  terraform: [
    {
      name: "check_plan",
      description: "Checks a plan; one that destroys something does not pass.",
      inputSchema: schema({ workspace: text, plan: text }),
    },
    { name: "apply", description: "Applies a plan.", inputSchema: schema({ workspace: text, plan: text }) },
  ],
};

/** Strict stand-ins for a help desk, a flag service and Terraform, on this machine only. They keep what they were told in memory. */
export async function openServers(port = 0): Promise<Servers> {
  const deeds: Deed[] = [];
  const percentages = new Map<string, number>([["production checkout", 20]]);

  function call(server: string, name: string, args: { readonly [name: string]: unknown }): object {
    const flag = `${String(args.environment)} ${String(args.flag)}`;
    switch (`${server}.${name}`) {
      case "helpdesk.search":
        return said(`no ticket is about ${String(args.query)}`);
      case "helpdesk.send_mail":
        requireTrueDomains(args.to as { readonly addresses: readonly string[]; readonly domains: readonly string[] });
        break;
      case "flags.get":
        return said("read", { flag: args.flag, percentage: percentages.get(flag) ?? 0 });
      case "flags.set_percentage":
        percentages.set(flag, Number(args.percentage));
        break;
      case "terraform.check_plan":
        if (String(args.plan).includes("destroy")) throw new Refused("the plan destroys a database");
        return said("the plan destroys nothing");
      case "helpdesk.refund":
      case "helpdesk.forward_ticket":
      case "helpdesk.close_account":
      case "terraform.apply":
        break;
      default:
        throw new Refused("there is no such tool");
    }
    deeds.push({ tool: `${server}.${name}`, args });
    return said("done");
  }

  function answer(
    server: string,
    method: string,
    params: { name: string; arguments?: Deed["args"] },
  ): object | undefined {
    const about = { ttlMs: 0, cacheScope: "public" };
    if (method === "server/discover") {
      const serverInfo = { name: server, version: "1.0.0" };
      return { supportedVersions: ["2026-07-28"], capabilities: { tools: {} }, serverInfo, ...about };
    }
    if (method === "tools/list") return { tools: tools[server] ?? [], ...about };
    if (method !== "tools/call") return undefined;
    try {
      return call(server, params.name, params.arguments ?? {});
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return { ...said(thrown.message), isError: true };
    }
  }

  const http = createServer((request, response) => {
    const server = (request.url ?? "").slice(1);
    if (request.method !== "POST" || !Object.hasOwn(tools, server)) {
      response.writeHead(request.method === "POST" ? 404 : 405).end();
      return;
    }
    void bodyOf(request).then((asked) => {
      const result = answer(server, asked.method, asked.params);
      const error = { code: -32601, message: "no such method" };
      response.writeHead(result === undefined ? 404 : 200, { "content-type": "application/json" });
      const more = result === undefined ? { error } : { result: { resultType: "complete", ...result } };
      response.end(JSON.stringify({ jsonrpc: "2.0", id: asked.id, ...more }));
    });
  });
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    port: (http.address() as AddressInfo).port,
    deeds,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

function said(words: string, structuredContent?: object): object {
  return {
    content: [{ type: "text", text: words }],
    ...(structuredContent === undefined ? {} : { structuredContent }),
  };
}

/** The gate decides on domains: a server that did not hold them against the addresses would make that decision worth nothing. */
function requireTrueDomains(to: { readonly addresses: readonly string[]; readonly domains: readonly string[] }): void {
  const domains = to.addresses.map((address) => /^[^@\s,<>]+@([a-z0-9.-]+)$/.exec(address)?.[1]);
  const same = new Set(domains).size === to.domains.length && domains.every((one) => to.domains.includes(one ?? ""));
  if (!same) throw new Refused("the domains are not those of the addresses");
}

async function bodyOf(
  request: IncomingMessage,
): Promise<{ id: number; method: string; params: { name: string; arguments?: Deed["args"] } }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

if (import.meta.main) {
  const { port } = await openServers(4791);
  process.stdout.write(`help desk, flags and terraform on http://127.0.0.1:${port}\n`);
}
