import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, it } from "vitest";
import { selfSigned } from "../../../test/support/certificate.ts";
import type { Log } from "./floor/log.ts";
import { renewTls } from "./renew-tls.ts";

const digestOf = (raw: Buffer) => createHash("sha256").update(raw).digest("hex");

function servedAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false }, () => {
      resolve(digestOf(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0)));
      socket.destroy();
    }).on("error", reject);
  });
}

it("serves a renewed pair without a restart, and goes on with the old one while the new one is not whole", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-renewed-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const write = (made: { cert?: string; key?: string }) => {
    if (made.cert !== undefined) writeFileSync(cert, made.cert);
    if (made.key !== undefined) writeFileSync(key, made.key, { mode: 0o600 });
  };
  const of = (made: { cert: string }) => digestOf(new X509Certificate(made.cert).raw);
  const [old, fresh] = [selfSigned(), selfSigned()];
  write(old);
  const told: string[] = [];
  const note = (_: object, message: string) => void told.push(message);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const read = () => ({ cert: readFileSync(cert), key: readFileSync(key) });
  const server = createServer({ ...read(), minVersion: "TLSv1.2" }, (_, response) => response.end("ok"));
  renewTls(server, read, log, 5);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    expect(await servedAt(port)).toBe(of(old));
    write({ cert: fresh.cert });
    await expect.poll(() => told.filter((line) => /still is/.test(line)).length).toBe(1);
    expect(await servedAt(port)).toBe(of(old));
    rmSync(cert);
    await expect.poll(() => told.filter((line) => /still is/.test(line)).length).toBe(2);
    expect(await servedAt(port)).toBe(of(old));
    write(fresh);
    await expect.poll(() => servedAt(port)).toBe(of(fresh));
    expect(told.at(-1)).toMatch(/renewed/);
    expect(told).toHaveLength(3);
  } finally {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  }
});
