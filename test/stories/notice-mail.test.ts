import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../packages/countersign/src/floor/secret.ts";
import type { EmailChannel } from "../../packages/countersign/src/notify/channel.ts";
import { sendEmail } from "../../packages/countersign/src/notify/send-email.ts";
import { selfSigned } from "../support/certificate.ts";
import { type MailServer, openMailServer } from "../support/mail-server.ts";
import { type NoticePlane, openNoticePlane } from "../support/notice-plane.ts";
import { ana, bo, until } from "../support/plane.ts";

describe("whoever is asked", () => {
  let server: MailServer;
  let plane: NoticePlane;
  beforeAll(async () => {
    server = await openMailServer();
    plane = await openNoticePlane({
      notifications: [
        {
          name: "mail",
          kind: "email",
          host: "127.0.0.1",
          port: server.port,
          tls: "none",
          from: "countersign@acme.example",
          on: ["approval", "ended"],
        },
      ],
    });
  });
  afterAll(async () => {
    await plane?.close();
    await server?.close();
  });

  it("gets a mail of their own with a link, in which nothing hides and nothing can be answered", async () => {
    const action = await plane.hold("hello", "<i>[d](https:evil.example)&.md");
    await until(async () => (server.delivered.length === 2 ? true : undefined));
    expect(server.delivered.map(({ to }) => to).sort()).toEqual([[ana], [bo]]);
    for (const { mail, raw } of server.delivered) {
      expect(mail.subject).toMatch(/^Asked: scribe wants to use files.write_file on /);
      expect(mail.from?.value).toMatchObject([{ address: "countersign@acme.example" }]);
      expect(mail.to?.value).toHaveLength(1);
      expect(mail.messageId).toMatch(/^<ntc_[0-9a-z]{26}@acme\.example>$/);
      expect(mail.headers.get("auto-submitted")).toBe("auto-generated");
      const link = `${plane.url}/inbox/${action}`;
      expect(mail.text).toContain(`Look at it here: ${link}`);
      expect(String(mail.html).match(/href="[^"]*"/g)).toEqual([`href="${link}"`]);
      expect(mail.text).toContain("<i>[d](https:evil.example)&.md");
      expect(mail.html).toContain("&lt;i&gt;[d](https:evil.example)&amp;.md");
      expect(
        raw
          .match(/^(to|cc|bcc|subject):/gim)
          ?.map((one) => one.toLowerCase())
          .sort(),
      ).toEqual(["subject:", "to:"]);
    }
  });

  it("is told how it ended where they answered, and nobody else", async () => {
    const before = server.delivered.length;
    const action = await plane.hold();
    await until(async () => (server.delivered.length === before + 2 ? true : undefined));
    await plane.answerAs(bo, action, "deny");
    await until(async () => (server.delivered.length === before + 3 ? true : undefined));
    expect(server.delivered.at(-1)).toMatchObject({
      to: [bo],
      mail: { subject: expect.stringContaining("was refused") },
    });
  });
});

describe("a mail server", () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-mail-"));
  const own = selfSigned();
  writeFileSync(join(folder, "ca.pem"), own.cert);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const login = { user: "gate", password: "a long password" };
  const mail = { subject: "s\r\nBcc: evil@evil.example", text: "t", html: "<p>t</p>" };
  const to = (more: Partial<EmailChannel> & Pick<EmailChannel, "port">): EmailChannel => ({
    name: "mail",
    kind: "email",
    on: ["approval"],
    private: false,
    host: "localhost",
    tls: "starttls",
    from: "countersign@acme.example",
    ...more,
  });
  const send = (channel: EmailChannel, password?: string) =>
    sendEmail(channel, {
      id: "ntc_1",
      to: bo,
      mail,
      password: password === undefined ? undefined : new Secret(password),
      folder,
    });

  it.each([false, true])("gets mails and our login over TLS, implicit: %s", async (implicit) => {
    const server = await openMailServer({ login, tls: { ...own, implicit } });
    const channel = to({
      port: server.port,
      tls: implicit ? "implicit" : "starttls",
      user: login.user,
      credential: "mail/x",
      certificates: "ca.pem",
    });
    expect(await send(channel, login.password)).toEqual({ kind: "sent" });
    expect(server.delivered).toMatchObject([{ secure: true, user: "gate", to: [bo] }]);
    // A line break in a subject makes no header.
    expect(server.delivered[0]?.mail.headers.has("bcc")).toBe(false);
    const refused = await send(channel, "another password");
    expect(refused).toMatchObject({ kind: "later", why: expect.stringContaining("does not accept our login") });
    expect(JSON.stringify(refused)).not.toContain("password");
    await server.close();
  });

  it("whose certificate nobody vouches for gets nothing, and neither does one without TLS", async () => {
    const stranger = await openMailServer({ tls: own });
    expect(await send(to({ port: stranger.port }))).toMatchObject({
      kind: "later",
      why: expect.stringContaining("certificate"),
    });
    const plain = await openMailServer();
    expect(await send(to({ port: plain.port }))).toMatchObject({ kind: "later" });
    expect(await send(to({ port: plain.port, host: "mail.acme.example", tls: "none" }))).toMatchObject({
      why: "without TLS only this machine is sent to",
    });
    expect([...stranger.delivered, ...plain.delivered]).toEqual([]);
    await stranger.close();
    await plain.close();
  });

  it("at a private or link-local address gets nothing unless that is said", async () => {
    expect(await send(to({ port: 25, host: "169.254.169.254", private: true }))).toMatchObject({
      why: "its address is not one to send to",
    });
    expect(await send(to({ port: 25, host: "10.0.0.7" }))).toMatchObject({ why: expect.stringContaining("private") });
  });
});
