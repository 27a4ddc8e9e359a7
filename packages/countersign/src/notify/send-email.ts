import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import type { Secret } from "../floor/secret.ts";
import type { EmailChannel } from "./channel.ts";
import type { Mail } from "./email.ts";
import { isOwnName, refusedAddress } from "./outside.ts";
import type { Sent } from "./post.ts";

const waitMs = 10_000;

export interface Mailing {
  readonly id: string;
  readonly to: string;
  readonly mail: Mail;
  readonly password: Secret | undefined;
  /** The workspace's folder, where certificates lie. */
  readonly folder: string;
}

/** Hands one mail over, with TLS unless the server is this very machine. What the server says is not repeated. */
export async function sendEmail(channel: EmailChannel, { id, to, mail, password, folder }: Mailing): Promise<Sent> {
  const { host, port, tls, user, from, certificates } = channel;
  if (tls === "none" && !isOwnName(host)) return { kind: "later", why: "without TLS only this machine is sent to" };
  const address = await addressOf(channel);
  if (typeof address === "object") return { kind: "later", why: address.why };
  const ca = certificates === undefined ? undefined : await readFile(`${folder}/${certificates}`).catch(() => null);
  if (ca === null) return { kind: "later", why: "its file of certificates cannot be read" };
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    // The address that was judged, so that the name cannot lead elsewhere since.
    host: address,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    tls: { servername: host, minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
    ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password.reveal().trim() } }),
    connectionTimeout: waitMs,
    greetingTimeout: waitMs,
    socketTimeout: waitMs,
    dnsTimeout: waitMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  let late: NodeJS.Timeout | undefined;
  const tooLate = new Promise<"late">((resolve) => {
    late = setTimeout(() => resolve("late"), 2 * waitMs);
  });
  try {
    const { subject, text, html } = mail;
    const sending = transport.sendMail({
      from: { name: "Countersign", address: from },
      to: { name: "", address: to },
      subject,
      text,
      html,
      messageId: `<${id}@${from.slice(from.indexOf("@") + 1)}>`,
      headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
      textEncoding: "quoted-printable",
    });
    sending.catch(() => undefined);
    if ((await Promise.race([sending, tooLate])) === "late")
      return { kind: "later", why: `the mail server did not take it within ${2 * waitMs} ms` };
    return { kind: "sent" };
  } catch (thrown) {
    return faultOf(thrown);
  } finally {
    clearTimeout(late);
    transport.close();
  }
}

async function addressOf({ host, private: isPrivate }: EmailChannel): Promise<string | { readonly why: string }> {
  try {
    const found = await lookup(host, { all: true });
    const wrong = found.map(({ address }) => refusedAddress(address, host, isPrivate)).find((one) => one !== undefined);
    const [first] = found;
    return first === undefined || wrong !== undefined ? { why: wrong ?? "it has no address" } : first.address;
  } catch {
    return { why: "the mail server's name cannot be looked up" };
  }
}

function faultOf(thrown: unknown): Sent {
  const { code, responseCode } = thrown as { readonly code?: unknown; readonly responseCode?: unknown };
  const status = typeof responseCode === "number" ? `: it answered ${responseCode}` : "";
  const word = typeof code === "string" && /^E[A-Z]{2,20}$/.test(code) ? code : "";
  const why = {
    EAUTH: "the mail server does not accept our login",
    ETLS: "the mail server does not speak TLS",
    ESOCKET: "no connection with the mail server, or its certificate is not accepted",
    ECONNECTION: "no connection with the mail server",
    ETIMEDOUT: "the mail server does not answer",
    EENVELOPE: "the mail server refuses the address",
  }[word];
  return { kind: "later", why: `${why ?? "the mail server did not take it"}${status}` };
}
