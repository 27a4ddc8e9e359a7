import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Json } from "@countersign/contract";

export type Thing = Record<string, Json>;

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Thing;
}

export interface Answer {
  readonly status?: number;
  readonly body?: Json;
}

/** A service's API on this machine, as far as the inverses of its pack need it. */
export interface Service {
  /** Everything that it holds; the same text means the same state. */
  state(): string;
  answer(asked: Asked): Answer;
}

export async function serve(service: Service): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      const text = Buffer.concat(chunks).toString();
      const { status = 200, body } = service.answer({
        method: request.method ?? "GET",
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        body: text === "" ? {} : JSON.parse(text),
      });
      response.writeHead(status, { "content-type": "application/json" });
      response.end(body === undefined ? "" : JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}

/** Named things: a second of one name is refused, one that is not there is not found. */
export function collection(things: Map<string, Thing>, asked: Asked, key: string, name: string, made: Thing): Answer {
  switch (asked.method) {
    case "POST":
      if (things.has(name)) return { status: 409, body: { code: "conflict", message: `${name} already exists` } };
      things.set(name, made);
      return { status: 201, body: made };
    case "DELETE":
      return things.delete(key) ? { status: 204 } : missing(asked);
    default: {
      const thing = things.get(key);
      if (thing === undefined) return missing(asked);
      if (asked.method !== "GET") Object.assign(thing, asked.body);
      return { body: thing };
    }
  }
}

export function missing(asked: Asked): Answer {
  return { status: 404, body: { message: `nothing at ${asked.method} ${asked.path}` } };
}

export function stateOf(all: Readonly<Record<string, Map<string, Thing> | Thing>>): string {
  return JSON.stringify(
    Object.entries(all).map(([name, one]) => [
      name,
      one instanceof Map ? [...one].sort(([a], [b]) => (a < b ? -1 : 1)) : one,
    ]),
  );
}
