import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface OpensslTsa {
  readonly url: string;
  /** The root, in PEM: what a workspace configures. */
  readonly certificates: string;
  /** Root of somebody else's authority. */
  readonly stranger: string;
  readonly queries: Buffer[];
  /** What is done with the next requests instead of answering them truthfully. */
  behave(how: Behaviour): void;
  /** `openssl ts -verify` over the same bytes: whether openssl says that it holds. */
  verifies(answer: Buffer, data: string): boolean;
  close(): Promise<void>;
}

export type Behaviour =
  | "honest"
  /** Signs a digest of its own. */
  | "another digest"
  /** Gives its last answer again. */
  | "replay"
  /** Signs with a key that descends from nobody who is trusted. */
  | "stranger"
  /** Signs with a certificate of the right root that is not for timestamps. */
  | "not for timestamps"
  /** Signs truthfully, with a clock that is an hour ahead. */
  | "wrong time"
  | "changed"
  | "refuses"
  | "hangs"
  | "error page";

/**
 * A timestamp authority whose answers are made by the real `openssl ts`. Only what carries them is ours: a small HTTP
 * server on loopback, which can also lie.
 */
export async function opensslTsaOverFakeTransport(): Promise<OpensslTsa> {
  const folder = mkdtempSync(join(tmpdir(), "tsa-"));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Buffer => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  for (const root of ["root", "other"]) makeRoot(openssl, root);
  makeSigner(openssl, folder, "tsa", "root", "critical,timeStamping");
  makeSigner(openssl, folder, "stray", "other", "critical,timeStamping");
  makeSigner(openssl, folder, "server", "root", "serverAuth");
  writeFileSync(at("serial"), "01\n");
  writeFileSync(at("tsa.cnf"), ["tsa", "stray"].map(section).join("\n"));
  let behaviour: Behaviour = "honest";
  let last: Buffer | undefined;
  const queries: Buffer[] = [];
  const reply = (query: Buffer, signer: string): Buffer => {
    writeFileSync(at("query"), query);
    openssl("ts", "-reply", "-config", "tsa.cnf", "-section", signer, "-queryfile", "query", "-out", "answer");
    return readFileSync(at("answer"));
  };
  /** What `openssl ts` would not do: the content of its last answer, edited, and signed by openssl as CMS. */
  const signedAgain = (signer: string, edit: (content: Buffer) => Buffer): Buffer => {
    openssl("ts", "-reply", "-in", "answer", "-token_out", "-out", "token");
    openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", "token", "-out", "content");
    writeFileSync(at("edited"), edit(readFileSync(at("content"))));
    const who = ["-signer", `${signer}.pem`, "-inkey", `${signer}.key`];
    const form = ["-binary", "-nodetach", "-cades", "-outform", "DER", "-econtent_type", "1.2.840.113549.1.9.16.1.4"];
    openssl("cms", "-sign", ...form, ...who, "-in", "edited", "-out", "signed");
    const body = Buffer.concat([Buffer.from("3003020100", "hex"), readFileSync(at("signed"))]);
    return Buffer.concat([Buffer.from([0x30, 0x82, body.length >> 8, body.length & 255]), body]);
  };
  const answer = (query: Buffer): Buffer => {
    if (behaviour === "replay" && last !== undefined) return last;
    const asked = Buffer.from(query);
    // The digest stands at a fixed place of our requests; see `timestampRequest`.
    if (behaviour === "another digest") asked.fill(7, 24, 56);
    const made = reply(asked, behaviour === "stranger" ? "stray" : "tsa");
    if (behaviour === "honest") last = made;
    if (behaviour === "changed") {
      const place = timeIn(made) + 13;
      made[place] = made[place] === 0x39 ? 0x30 : (made[place] ?? 0) + 1;
    }
    if (behaviour === "not for timestamps") return signedAgain("server", (content) => content);
    if (behaviour === "wrong time")
      return signedAgain("tsa", (content) => {
        const later = new Date(Date.now() + 3_600_000).toISOString().replace(/[-:T]/g, "").slice(0, 14);
        content.write(later, timeIn(content), "latin1");
        return content;
      });
    return made;
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const query = Buffer.concat(chunks);
      queries.push(query);
      if (behaviour === "hangs") return;
      if (behaviour === "error page") {
        response.writeHead(200, { "content-type": "text/html" }).end("<h1>in maintenance</h1>");
        return;
      }
      const body = behaviour === "refuses" ? Buffer.from("30053003020102", "hex") : answer(query);
      response.writeHead(200, { "content-type": "application/timestamp-reply" }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`,
    certificates: at("root.pem"),
    stranger: at("other.pem"),
    queries,
    behave(how) {
      behaviour = how;
    },
    verifies(token, data) {
      writeFileSync(at("checked"), token);
      writeFileSync(at("data"), data);
      try {
        openssl("ts", "-verify", "-data", "data", "-in", "checked", "-CAfile", "root.pem");
        return true;
      } catch {
        return false;
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where the digits of genTime begin: the first time that stands in an answer. */
function timeIn(bytes: Buffer): number {
  return bytes.indexOf(Buffer.from([0x18, 0x0f])) + 2;
}

type Openssl = (...args: string[]) => Buffer;

const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"] as const;

function makeRoot(openssl: Openssl, name: string): void {
  const files = ["-keyout", `${name}.key`, "-out", `${name}.pem`];
  openssl("req", "-x509", ...key, ...files, "-days", "2", "-subj", `/CN=${name}`);
}

function makeSigner(openssl: Openssl, folder: string, name: string, root: string, usage: string): void {
  openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
  writeFileSync(join(folder, `${name}.ext`), `extendedKeyUsage=${usage}\n`);
  const issuer = ["-CA", `${root}.pem`, "-CAkey", `${root}.key`, "-CAcreateserial", "-days", "2"];
  openssl("x509", "-req", "-in", `${name}.csr`, ...issuer, "-extfile", `${name}.ext`, "-out", `${name}.pem`);
}

function section(name: string): string {
  return `[${name}]
serial = serial
signer_cert = ${name}.pem
signer_key = ${name}.key
certs = ${name}.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`;
}
