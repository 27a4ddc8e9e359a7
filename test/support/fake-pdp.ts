import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakePdp {
  readonly url: string;
  readonly asked: { readonly path: string; readonly headers: IncomingMessage["headers"]; readonly body: string }[];
  close(): Promise<void>;
}

/** A fake decision point, for what no real one can be made to do: it answers each question as it is told to. */
export async function openFakePdp(
  answer: (path: string, body: string, response: ServerResponse) => void,
): Promise<FakePdp> {
  const asked: FakePdp["asked"] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk;
    });
    request.on("end", () => {
      const path = request.url ?? "/";
      asked.push({ path, headers: request.headers, body });
      answer(path, body, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
