import { AdaptiveCard, SerializationContext } from "adaptivecards";
import { describe, expect, it } from "vitest";
import { visible } from "../floor/visible.ts";
import { mailOf } from "./email.ts";
import type { NoticeBody } from "./notice.ts";
import { type ChatCall, slackMessage } from "./slack.ts";
import { teamsCard, teamsMessage } from "./teams.ts";

const hostile = [
  "<!channel> <@U1> <https://evil.example|Approve>",
  "*bold* _it_ ~no~ `code` [click](https://evil.example) ![](https://evil.example/x.png)",
  "\u202eevorppA\u202c \u200b\u2066\u{e0041}",
  "</td><script>alert(1)</script><img src=x onerror=alert(1)>",
  "line\r\nBcc: victim@evil.example\r\n\r\nbody",
  "\u001b[31mred",
  `p\u0430ypal${" ".repeat(20_480)}${"\u2800\n".repeat(20_480)}THE END`,
  `${"x".repeat(20_000)}THE END`,
  "&".repeat(4_000),
];
const link = "https://gate.acme.example/inbox/act_1";
const bodyOf = (text: string): NoticeBody => ({
  headline: `Asked: ${text}`,
  path: "/inbox/act_1",
  workflow: "docs",
  agent: text,
  tool: text,
  target: text,
  environment: text,
  sentence: text,
  people: [text, text],
});

interface Block {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly elements?: readonly {
    readonly type: string;
    readonly url?: string;
    readonly value?: string;
    readonly text: { readonly type: string; readonly text: string };
  }[];
}

/** What Block Kit's published reference allows, written down anew. */
function faultsOfBlocks(message: { readonly text: string; readonly blocks: readonly object[] }): readonly string[] {
  const blocks = message.blocks as readonly Block[];
  const faults: string[] = [];
  if (blocks.length > 50) faults.push("more than 50 blocks");
  for (const block of blocks) {
    const longest = { header: 150, section: 3000 }[block.type];
    if (block.text !== undefined && longest !== undefined) {
      if (block.text.text.length > longest || block.text.text === "")
        faults.push(`${block.type}: ${block.text.text.length}`);
      if (block.text.type !== "plain_text") faults.push(`${block.type} is ${block.text.type}`);
    }
    for (const element of block.elements ?? []) {
      if (element.text.text.length > 75) faults.push("a button's text is too long");
      if ((element.value?.length ?? 0) > 2000 || (element.url?.length ?? 0) > 3000) faults.push("a button's value");
    }
  }
  const strings = JSON.stringify(message);
  if (/<[!@#h]/.test(message.text) || blocks.some((block) => /<[!@#h]/.test(block.text?.text ?? "")))
    faults.push("a mention or a link");
  if (/mrkdwn"[:,]\s*"?(true|mrkdwn)/.test(strings) || strings.includes('"type":"mrkdwn"')) faults.push("mrkdwn");
  return faults;
}

const hides = /[^\P{C}\n\t]|\p{Default_Ignorable_Code_Point}/u;

describe.each(hostile.map((text, at) => [at, text] as const))("hostile text %i", (_at, text) => {
  it("stays plain in Slack, within the limits of Block Kit", () => {
    const message = slackMessage("approval.asked", bodyOf(text), link);
    expect(faultsOfBlocks(message)).toEqual([]);
    expect(hides.test(JSON.stringify(message).replaceAll("\\n", "\n"))).toBe(false);
    const urls = JSON.stringify(message).match(/"url":"[^"]*"/g);
    expect(urls).toEqual([`"url":"${link}"`]);
    if (visible(text).length > 3_000) expect(JSON.stringify(message)).toContain("… (cut)");
  });

  it("MT-15 stays plain in Teams, in a card that the published parser takes", () => {
    const json = teamsCard("approval.asked", bodyOf(text), link);
    const card = new AdaptiveCard();
    const context = new SerializationContext();
    card.parse(json, context);
    expect(Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at).message)).toEqual([]);
    expect(card.validateProperties().validationEvents).toEqual([]);
    expect(card.version.toString()).toBe("1.5");
    expect([card.getActionCount(), card.getActionAt(0)?.getJsonTypeName()]).toEqual([1, "Action.OpenUrl"]);
    // A `TextBlock` would be read as Markdown.
    expect(JSON.stringify(json)).not.toContain('"TextBlock"');
    expect(JSON.stringify(teamsMessage(json)).length).toBeLessThan(28_000);
    expect(hides.test(JSON.stringify(json))).toBe(false);
  });

  it("stays plain in a mail, and out of its headers", () => {
    const { subject, text: plain, html } = mailOf("approval.asked", bodyOf(text), link);
    expect(subject.length).toBeLessThanOrEqual(160);
    expect(/[\r\n]/.test(subject)).toBe(false);
    expect(hides.test(plain) || hides.test(html)).toBe(false);
    expect(html.match(/<(?!\/?(!doctype|html|head|meta|title|body|h1|table|tr|th|td|p|a|br)\b)/g)).toBeNull();
    expect(html.match(/<[^>]*\b(?:href|src|on[a-z]+)=/g)).toEqual(["<a href="]);
  });
});

it("padding pushes nothing out of a message, and letters that pass for others are named once", () => {
  const body = bodyOf(`p\u0430ypal${" ".repeat(20_480)}${"\u2800\n".repeat(20_480)}THE END`);
  const { text, html } = mailOf("approval.asked", body, link);
  const slack = JSON.stringify(slackMessage("approval.asked", body, link).blocks);
  for (const shown of [text, html, slack, JSON.stringify(teamsCard("approval.asked", body, link))]) {
    expect(shown).toContain(
      "p\u0430ypal⟨letters of Latin and Cyrillic in one word⟩⟨20480 empty lines, with characters",
    );
    expect(shown).not.toContain("in one word⟩⟨letters");
    expect(shown).toContain("THE END");
  }
});

it("the checker of blocks sees what is wrong", () => {
  const wrong = { text: "<!channel>", blocks: [{ type: "section", text: { type: "mrkdwn", text: "x".repeat(3001) } }] };
  expect(faultsOfBlocks(wrong)).toHaveLength(4);
});

it("the published parser of cards sees what is wrong", () => {
  const context = new SerializationContext();
  new AdaptiveCard().parse({ type: "AdaptiveCard", version: "1.5", body: [{ type: "Nonsense" }] }, context);
  expect(context.eventCount).toBeGreaterThan(0);
});

it("only a call that may be answered there has buttons", () => {
  const call: ChatCall = { text: '{"a": 1}', value: "signed" };
  const names = (message: { readonly blocks: readonly object[] }) =>
    (message.blocks as readonly { elements?: readonly { action_id: string }[] }[]).flatMap(({ elements = [] }) =>
      elements.map(({ action_id }) => action_id),
    );
  expect(names(slackMessage("approval.asked", bodyOf("x"), link))).toEqual(["open"]);
  expect(names(slackMessage("approval.asked", bodyOf("x"), link, call))).toEqual(["approve", "deny", "open"]);
  expect(names(slackMessage("approval.asked", bodyOf("x"), link, { ...call, value: "v".repeat(2001) }))).toEqual([
    "open",
  ]);
});

it("a test says that it is one, everywhere", () => {
  const body = bodyOf("x");
  expect(JSON.stringify(slackMessage("test.page", body, link))).toContain("TEST: ");
  expect(JSON.stringify(teamsCard("test.page", body, link))).toContain("TEST: ");
  expect(mailOf("test.page", body, link).subject).toMatch(/^TEST: /);
});
