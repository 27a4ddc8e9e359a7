import { parseJson } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { Secret } from "../floor/secret.ts";
import { type Channel, isPersonal, type SlackChannel } from "./channel.ts";
import { mailOf } from "./email.ts";
import type { NoticeBody, NoticeType } from "./notice.ts";
import { type Posted, post, type Sent, sentBy } from "./post.ts";
import { sendEmail } from "./send-email.ts";
import { signedHeaders } from "./sign.ts";
import { type ChatCall, slackMessage } from "./slack.ts";
import { teamsCard, teamsMessage } from "./teams.ts";

/** One notice on its way to one place. */
export interface Letter {
  readonly id: string;
  readonly type: NoticeType;
  readonly subject: string;
  readonly madeAt: string;
  readonly person: string | null;
  readonly body: NoticeBody;
}

export interface SendOptions {
  readonly nowMs: number;
  readonly publicUrl: string;
  readonly folder: string;
  /** Whether the workspace says that this very message may hold the whole call and its buttons; made when it is sent. */
  readonly chatCall: (letter: Letter) => Promise<ChatCall | undefined>;
  /** A secret by its name, for as long as the sending takes. */
  readonly secret: (name: string) => Promise<Secret>;
}

/** Sends a letter once through its channel. Never throws. */
export async function send(channel: Channel, letter: Letter, options: SendOptions): Promise<Sent> {
  try {
    return await sendBy(channel, letter, options);
  } catch (thrown) {
    if (thrown instanceof Problem && (thrown.code === "not_found" || thrown.code === "unavailable"))
      return { kind: "later", why: "a secret that it names could not be had from the store" };
    return { kind: "later", why: "it could not be made ready for sending" };
  }
}

async function sendBy(channel: Channel, letter: Letter, options: SendOptions): Promise<Sent> {
  const { type, body } = letter;
  const link = `${options.publicUrl}${body.path}`;
  switch (channel.kind) {
    case "webhook": {
      const names = [channel.signing, ...(channel.previous === undefined ? [] : [channel.previous])];
      const secrets = await Promise.all(names.map(options.secret));
      const text = JSON.stringify(webhookPayload(letter, link));
      const headers = signedHeaders(letter.id, options.nowMs, text, secrets);
      if (headers === undefined)
        return { kind: "later", why: "its secret is not `whsec_` and base64 of 24 to 64 bytes" };
      return sentBy(await post({ url: channel.url, body: text, headers, isPrivate: channel.private }));
    }
    case "teams": {
      const url = (await options.secret(channel.webhook)).reveal().trim();
      const text = JSON.stringify(teamsMessage(teamsCard(type, body, link)));
      return sentBy(await post({ url, body: text, headers: {}, isPrivate: channel.private }));
    }
    case "slack":
      return sendSlack(channel, letter, link, options);
    case "email": {
      if (letter.person === null) return { kind: "never", why: "it names nobody to write to" };
      const password = channel.credential === undefined ? undefined : await options.secret(channel.credential);
      const mail = mailOf(type, body, link);
      return sendEmail(channel, { id: letter.id, to: letter.person, mail, password, folder: options.folder });
    }
  }
}

/** What a webhook's receiver gets: `type`, `timestamp` and `data`, as the Standard Webhooks form recommends. */
export function webhookPayload({ type, subject, madeAt, body }: Letter, link: string): object {
  const { path: _path, ...rest } = body;
  return { type, timestamp: madeAt, data: { id: subject, ...rest, link } };
}

async function sendSlack(channel: SlackChannel, letter: Letter, link: string, options: SendOptions): Promise<Sent> {
  const personal = isPersonal(channel);
  const call = personal ? await options.chatCall(letter) : undefined;
  const message = slackMessage(letter.type, letter.body, link, call);
  if (channel.webhook !== undefined) {
    const url = (await options.secret(channel.webhook)).reveal().trim();
    return sentBy(await post({ url, body: JSON.stringify(message), headers: {}, isPrivate: channel.private }));
  }
  if (channel.bot === undefined) return { kind: "never", why: "it has neither a webhook nor a bot" };
  const to = channel.channel ?? channel.people.find(({ person }) => person === letter.person)?.id;
  if (to === undefined) return { kind: "never", why: "the channel no longer knows this person" };
  const token = (await options.secret(channel.bot)).reveal().trim();
  const posted = await post({
    url: `${channel.api}/chat.postMessage`,
    body: JSON.stringify({ channel: to, ...message }),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json; charset=utf-8" },
    isPrivate: channel.private,
  });
  return sentByApi(posted);
}

/** Slack's API says with status 200 that it did not do it. */
function sentByApi(posted: Posted): Sent {
  const by = sentBy(posted);
  if (by.kind !== "sent" || "kind" in posted) return by;
  const read = readAnswer(posted.text);
  if (read.ok === true) return by;
  const error = typeof read.error === "string" && /^[a-z_]{1,60}$/.test(read.error) ? `: \`${read.error}\`` : "";
  return { kind: "later", why: `Slack did not take it${error}` };
}

function readAnswer(text: string): { readonly ok?: unknown; readonly error?: unknown } {
  try {
    const value = parseJson(text, { maxBytes: 65_536, maxDepth: 32 });
    return typeof value === "object" && value !== null && "ok" in value ? value : {};
  } catch {
    return {};
  }
}
