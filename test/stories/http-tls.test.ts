import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get as httpGet } from "node:http";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { selfSigned } from "../support/certificate.ts";
import { openTestPlane } from "../support/plane.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-tls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const withTls = (cert: string, key: string) => ({
  edit: {
    "countersign.yaml": (text: string) =>
      text.replace(
        "publicUrl: http://localhost:4600",
        `publicUrl: https://localhost:4600\n  tls: { cert: ${cert}, key: ${key} }`,
      ),
  },
});

it("speaks TLS where the workspace names a certificate, tells browsers to stay with it, and takes nothing in clear", async () => {
  const made = selfSigned();
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  writeFileSync(cert, made.cert);
  writeFileSync(key, made.key, { mode: 0o600 });
  const plane = await openTestPlane(withTls(cert, key));
  expect(plane.url).toMatch(/^https:\/\/localhost:\d+$/);
  const answer = await new Promise<{ status: number | undefined; headers: object }>((resolve, reject) => {
    const { port } = new URL(plane.url);
    get(
      {
        host: "127.0.0.1",
        port,
        path: "/healthz",
        ca: made.cert,
        servername: "localhost",
        headers: { host: `localhost:${port}` },
      },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode, headers: response.headers });
      },
    ).on("error", reject);
  });
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({ "strict-transport-security": "max-age=31536000" });
  const clear = new Promise((_, reject) =>
    httpGet(plane.url.replace("https:", "http:"), () => reject(new Error("it answered"))).on("error", reject),
  );
  await expect(clear).rejects.toThrow(/hang up|ECONNRESET/);
  await plane.close();
});

it("does not start with a certificate that it cannot read, and says which", async () => {
  await expect(openTestPlane(withTls("nowhere.pem", "nowhere.key"))).rejects.toMatchObject({
    code: "invalid",
    detail: expect.stringContaining("nowhere.pem"),
  });
});
