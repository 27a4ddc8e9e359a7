import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";

/** Passes every request on as it is, with a key: the referee has no way to be given one. */
export async function forwardWithKey(
  origin: string,
  key: string,
): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const { hostname, port } = new URL(origin);
  const http = createServer((request, response) => {
    const headers = { ...request.headers, authorization: `Bearer ${key}` };
    const on = send({ host: hostname, port, method: request.method, path: request.url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      answer.once("error", () => response.destroy());
    });
    on.once("error", () => response.destroy());
    response.once("close", () => on.destroy());
    request.pipe(on);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
