import type { AddressInfo } from "node:net";
import { type Parsed, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

export interface Delivered {
  readonly raw: string;
  readonly mail: Parsed;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
}

export interface MailServer {
  readonly port: number;
  readonly delivered: readonly Delivered[];
  close(): Promise<void>;
}

/** A real SMTP server on this machine. With `login` it takes mails from that user only; with a certificate it speaks TLS. */
export async function openMailServer(
  options: {
    readonly login?: { readonly user: string; readonly password: string };
    readonly tls?: { readonly key: string; readonly cert: string; readonly implicit?: boolean };
  } = {},
): Promise<MailServer> {
  const delivered: Delivered[] = [];
  const { login, tls } = options;
  const server = new SMTPServer({
    secure: tls?.implicit === true,
    ...(tls === undefined ? {} : { key: tls.key, cert: tls.cert }),
    authOptional: login === undefined,
    disabledCommands: [...(tls === undefined ? ["STARTTLS"] : []), ...(login === undefined ? ["AUTH"] : [])],
    onAuth({ username, password }, _session, done) {
      const fits = username === login?.user && password === login.password;
      done(fits ? null : new Error("no such user"), { user: username });
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const raw = Buffer.concat(chunks);
        void simpleParser(raw).then((mail) => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          delivered.push({ raw: raw.toString(), mail, to, secure: session.secure, user: session.user });
          done();
        });
      });
    },
  });
  // A client that does not trust the certificate breaks the connection.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    delivered,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
