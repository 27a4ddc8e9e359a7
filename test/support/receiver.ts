import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what was sent freely
  readonly json: any;
  readonly atMs: number;
}

type Answer = (request: Received, response: ServerResponse) => void;

/** A server that keeps what it was sent, and answers as a test wants. */
export class Receiver {
  readonly all: Received[] = [];
  answer: Answer = (_request, response) => void response.writeHead(200).end("ok");
  /** How many requests were open at the same time at most, by their `webhook-id`. */
  readonly atOnce = new Map<string, number>();
  readonly #open = new Map<string, number>();
  #server: Server | undefined;
  url = "";

  async open(): Promise<this> {
    this.#server = createServer((request, response) => {
      const id = String(request.headers["webhook-id"] ?? "");
      const now = (this.#open.get(id) ?? 0) + 1;
      this.#open.set(id, now);
      this.atOnce.set(id, Math.max(now, this.atOnce.get(id) ?? 0));
      response.once("close", () => this.#open.set(id, (this.#open.get(id) ?? 1) - 1));
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        const received = {
          path: request.url ?? "",
          headers: request.headers,
          body,
          json: parsed(body),
          atMs: Date.now(),
        };
        this.all.push(received);
        this.answer(received, response);
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  of(type: string): readonly Received[] {
    return this.all.filter(({ json }) => json?.type === type);
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
