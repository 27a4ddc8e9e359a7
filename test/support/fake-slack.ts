import { createHmac } from "node:crypto";
import { type Received, Receiver } from "./receiver.ts";

interface Element {
  readonly type: string;
  readonly action_id: string;
  readonly url?: string;
  readonly value?: string;
}

interface Block {
  readonly type: string;
  readonly block_id?: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly elements?: readonly Element[];
}

export interface Posted {
  readonly channel: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const longest: Readonly<Record<string, number>> = { header: 150, section: 3000 };

/** What the published reference of `chat.postMessage` and of Block Kit refuses, as far as these messages go. */
function faultOf({ headers, json }: Received, bot: string): string | undefined {
  if (headers.authorization !== `Bearer ${bot}`) return "invalid_auth";
  if (!/^application\/json; ?charset=utf-8$/.test(headers["content-type"] ?? "")) return "missing_charset";
  const { channel, text, blocks } = json as Posted;
  if (!/^[CUDG][A-Z0-9]{2,}$/.test(channel)) return "channel_not_found";
  if (text === "") return "no_text";
  if (blocks.length > 50) return "invalid_blocks";
  const wrong = blocks.some(
    (block) =>
      (block.text?.text.length ?? 0) > (longest[block.type] ?? 3000) ||
      (block.elements ?? []).some((one) => (one.value?.length ?? 0) > 2000),
  );
  return wrong ? "invalid_blocks" : undefined;
}

/** Stands in for Slack's API and for its buttons: a fake, made from Slack's published descriptions. */
export class FakeSlack {
  readonly bot = "fake bot token, not a real one";
  readonly signing = "fake signing secret of thirty-two";
  readonly posted: Posted[] = [];
  readonly said: string[] = [];
  readonly #receiver = new Receiver();
  /** What it answers instead of what it should. */
  wrong: string | undefined;

  get api(): string {
    return `${this.#receiver.url}/api`;
  }

  async open(): Promise<this> {
    await this.#receiver.open();
    this.#receiver.answer = (received, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      if (received.path.startsWith("/respond/")) {
        this.said.push(received.json.text);
        response.end("ok");
        return;
      }
      const error =
        received.path === "/api/chat.postMessage" ? (this.wrong ?? faultOf(received, this.bot)) : "unknown_method";
      if (error === undefined) this.posted.push(received.json);
      response.end(JSON.stringify(error === undefined ? { ok: true, ts: "1.1" } : { ok: false, error }));
    };
    return this;
  }

  /** The last message to a person or channel that speaks of this text. */
  messageTo(channel: string, about: string): Posted | undefined {
    return this.posted.findLast((one) => one.channel === channel && JSON.stringify(one.blocks).includes(about));
  }

  /** What Slack sends when somebody presses a button, in its own form and with its own signature. */
  press(
    user: string,
    button: { readonly action_id: string; readonly value?: string },
    more: { readonly why?: string; readonly atMs?: number; readonly signing?: string } = {},
  ): { readonly raw: string; readonly headers: Readonly<Record<string, string>> } {
    const payload = {
      type: "block_actions",
      team: { id: "T1" },
      user: { id: user, username: "someone", name: "someone" },
      api_app_id: "A1",
      token: "deprecated",
      container: { type: "message" },
      trigger_id: "1.2.3",
      channel: { id: "D1" },
      response_url: `${this.api.replace("/api", "")}/respond/1`,
      actions: [{ ...button, block_id: "answer", type: "button", action_ts: "1.1" }],
      ...(more.why === undefined
        ? {}
        : { state: { values: { why: { text: { type: "plain_text_input", value: more.why } } } } }),
    };
    const raw = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const at = String(Math.floor((more.atMs ?? Date.now()) / 1000));
    const mac = createHmac("sha256", more.signing ?? this.signing)
      .update(`v0:${at}:${raw}`)
      .digest("hex");
    return {
      raw,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": at,
        "x-slack-signature": `v0=${mac}`,
      },
    };
  }

  close(): Promise<void> {
    return this.#receiver.close();
  }
}
