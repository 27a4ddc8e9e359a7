import { visible, visibleLine } from "../floor/visible.ts";
import { fit } from "./fit.ts";
import { factsOf, type NoticeBody, type NoticeType } from "./notice.ts";

/** Limits of Block Kit: a header of 150, a section of 3000, a button's value of 2000 characters. */
const limits = { header: 150, section: 3000, value: 2000, fallback: 3000 } as const;

/** The whole call, where it may be answered from the message itself. */
export interface ChatCall {
  readonly text: string;
  /** Signed: what was shown, and to whom. */
  readonly value: string;
}

export interface SlackMessage {
  readonly text: string;
  readonly mrkdwn: false;
  readonly parse: "none";
  readonly link_names: false;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
  readonly blocks: readonly object[];
}

/** Slack reads these three in every text, also in plain text. */
function escaped(text: string): string {
  return text.replace(/[&<>]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[one] ?? one);
}

/** INVARIANT: untrusted text goes into `plain_text` only, where nothing is a link, a mention or bold. */
const plain = (text: string, most: number) => ({ type: "plain_text", text: fit(text, most, escaped), emoji: false });
const section = (text: string) => ({ type: "section", text: plain(text, limits.section) });

/** The longest call that a message holds whole. */
export const longestChatCall = 2_900;

/** A Block Kit message. Without `call` its only button opens the console. */
export function slackMessage(type: NoticeType, body: NoticeBody, link: string, call?: ChatCall): SlackMessage {
  const title = type === "test.page" ? `TEST: ${body.headline}` : body.headline;
  const facts = factsOf(body).map(({ label, value }) => section(`${label}: ${visible(value)}`));
  const people = body.people.length === 0 ? [] : [section(`For: ${visibleLine(body.people.join(", "))}`)];
  return {
    text: fit(visibleLine(title), limits.fallback, escaped),
    mrkdwn: false,
    parse: "none",
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "header", text: plain(visibleLine(title), limits.header) },
      ...facts,
      ...people,
      ...(call === undefined ? [] : callBlocks(call)),
      { type: "actions", block_id: "answer", elements: [...buttons(call), open(link)] },
    ],
  };
}

function open(url: string): object {
  return { type: "button", action_id: "open", text: plain("Open in Countersign", 75), url };
}

function callBlocks({ text }: ChatCall): readonly object[] {
  return [
    section("The whole call, as you would be shown it:"),
    section(text),
    {
      type: "input",
      block_id: "why",
      optional: true,
      label: plain("Why (needed to deny; the agent reads it)", 150),
      element: { type: "plain_text_input", action_id: "text", max_length: 1000 },
    },
  ];
}

function buttons(call: ChatCall | undefined): readonly object[] {
  if (call === undefined || call.value.length > limits.value) return [];
  return (["approve", "deny"] as const).map((verdict) => ({
    type: "button",
    action_id: verdict,
    text: plain(verdict === "approve" ? "Approve" : "Deny", 75),
    value: call.value,
  }));
}
