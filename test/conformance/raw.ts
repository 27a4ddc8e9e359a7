import { request } from "node:http";

/** What came back over a socket of our own, without a client that would repair or hide anything. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // The bodies under test may be anything.
  // biome-ignore lint/suspicious/noExplicitAny: assertions look into it
  readonly body: any;
}

export interface RawOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Sends a body as it is: a string byte for byte, anything else as JSON. */
export function rpc(origin: string, path: string, body: unknown, options: RawOptions = {}): Promise<RawAnswer> {
  const bytes = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      origin + path,
      {
        method: options.method ?? "POST",
        headers,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: last(text) });
        });
      },
    );
    sent.on("error", reject);
    sent.end(bytes);
  });
}

function last(text: string): unknown {
  const events = [...text.matchAll(/^data: (.+)$/gm)].map((found) => found[1] ?? "");
  try {
    return JSON.parse(events.at(-1) ?? text);
  } catch {
    return undefined;
  }
}

let lastId = 0;

/** One well-formed request of revision 2026-07-28; `options.headers` may spoil it. */
export function modern(
  origin: string,
  path: string,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  options: RawOptions & { readonly capabilities?: object } = {},
): Promise<RawAnswer> {
  const _meta = {
    ...(params._meta as object | undefined),
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": options.capabilities ?? {},
  };
  const name = params.name ?? params.uri ?? (method.startsWith("tasks/") ? params.taskId : undefined);
  const headers = {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
    ...(typeof name === "string" ? { "mcp-name": name } : {}),
    ...options.headers,
  };
  lastId += 1;
  return rpc(
    origin,
    path,
    { jsonrpc: "2.0", id: lastId, method, params: { ...params, _meta } },
    { ...options, headers },
  );
}
