import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An address that keeps what is posted to it and gives the last of it back: as little as an anchor over HTTP needs. */
export interface CheckpointPlace {
  readonly url: string;
  readonly posted: string[];
  /** Answers with this status from now on; undefined: truthfully. */
  fail(status: number | undefined): void;
  close(): Promise<void>;
}

export async function openCheckpointPlace(): Promise<CheckpointPlace> {
  const posted: string[] = [];
  let failing: number | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (failing !== undefined) return response.writeHead(failing, { location: "/other" }).end("no");
      if (request.method === "POST") {
        posted.push(Buffer.concat(chunks).toString("utf8"));
        return response.writeHead(204).end();
      }
      const last = posted.at(-1);
      return last === undefined ? response.writeHead(404).end() : response.writeHead(200).end(last);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/checkpoints`,
    posted,
    fail(status) {
      failing = status;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
