import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import type { JsonObject } from "@countersign/contract";

/** A fake collector, as strict as one that must not lose anything. */
export class Collector {
  readonly batches: {
    readonly events: JsonObject[];
    readonly authorization: string | undefined;
    readonly path: string;
  }[] = [];
  readonly faults: string[] = [];
  status = 200;
  #server: Server | undefined;
  #heard: (() => void)[] = [];

  async open(): Promise<string> {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { headers, method, url: path = "" } = request;
        if (
          method !== "POST" ||
          headers["content-encoding"] !== "gzip" ||
          headers["content-type"] !== "application/json"
        )
          this.faults.push(`${method} ${headers["content-encoding"]} ${headers["content-type"]}`);
        const events = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString()) as JsonObject[];
        if (this.status === 200) this.batches.push({ events, authorization: headers.authorization, path });
        response.writeHead(this.status).end();
        for (const tell of this.#heard.splice(0)) tell();
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  heard(): Promise<void> {
    return new Promise((resolve) => this.#heard.push(resolve));
  }

  get events(): JsonObject[] {
    return this.batches.flatMap(({ events }) => events);
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}
