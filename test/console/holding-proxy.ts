import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HoldingProxy {
  readonly url: string;
  /** From now on what streams say is held back; their heads, and everything else, pass. */
  holds: boolean;
  /** Breaks every stream off; it can be opened again. */
  cut(): void;
  close(): Promise<void>;
}

/** A proxy that buffers: nothing of a stream's body reaches the browser while it holds. */
export async function openHoldingProxy(origin: string): Promise<HoldingProxy> {
  const { hostname, port } = new URL(origin);
  const streams = new Set<ServerResponse>();
  const server = createServer((asked, response) => {
    const { url: path, method, headers } = asked;
    const onward = request({ hostname, port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      if (isStream(answer)) {
        streams.add(response);
        answer.on("data", (bytes: Buffer) => void (proxy.holds || response.write(bytes)));
      } else answer.pipe(response);
      answer.once("close", () => response.end());
    });
    onward.once("error", () => response.destroy());
    response.once("close", () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: HoldingProxy = {
    url: `http://${hostname}:${(server.address() as AddressInfo).port}`,
    holds: false,
    cut() {
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}

function isStream({ headers }: IncomingMessage): boolean {
  return headers["content-type"]?.startsWith("text/event-stream") === true;
}
