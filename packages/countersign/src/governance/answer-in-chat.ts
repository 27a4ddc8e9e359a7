import { parseJson } from "@countersign/contract";
import { z } from "zod";
import { Problem } from "../floor/problem.ts";
import type { Secret } from "../floor/secret.ts";
import { isFresh, isFromSlack, type SlackChannel } from "../notify/index.ts";
import { answer } from "./answer.ts";
import { lowRiskText, openValue } from "./chat-call.ts";
import type { Control } from "./control.ts";
import { personOf } from "./notice-of.ts";
import { channelsOf } from "./tell-news.ts";

export interface Interaction {
  readonly timestamp: string;
  readonly signature: string;
  readonly body: Uint8Array;
}

/** What is said back to whoever pressed the button, and where. */
export interface ChatAnswer {
  readonly sentence: string;
  readonly answered: boolean;
  readonly channel: SlackChannel;
  readonly responseUrl?: string;
}

const payloadSchema = z.object({
  type: z.literal("block_actions"),
  user: z.object({ id: z.string().max(40) }),
  response_url: z.string().max(2000).optional(),
  actions: z.array(z.object({ action_id: z.string().max(255), value: z.string().max(2000).optional() })).length(1),
  state: z
    .object({
      values: z
        .object({ why: z.object({ text: z.object({ value: z.string().max(3000).nullable().optional() }) }).optional() })
        .optional(),
    })
    .optional(),
});
type Payload = z.output<typeof payloadSchema>;

/**
 * A button that was pressed in Slack. INVARIANT: nothing of the body is read before Slack's signature over it holds, and who
 * pressed it is who the workspace's file says that this id is.
 */
export async function answerInChat(
  control: Control,
  key: Secret,
  interaction: Interaction,
  secretOf: (channel: SlackChannel) => Promise<Secret>,
): Promise<ChatAnswer> {
  const channel = await signer(control, interaction, secretOf);
  if (channel === undefined)
    throw new Problem("not_authenticated", "this is not signed by a Slack app of this workspace, or is too old");
  const payload = payloadOf(interaction.body);
  const responseUrl = payload.response_url === undefined ? {} : { responseUrl: payload.response_url };
  try {
    const sentence = await press(control, key, channel, payload);
    return { sentence, answered: true, channel, ...responseUrl };
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code === "bug") throw thrown;
    const help = thrown.help === undefined ? "" : `; ${thrown.help}`;
    return { sentence: `Not answered: ${thrown.detail}${help}`, answered: false, channel, ...responseUrl };
  }
}

async function signer(
  control: Control,
  interaction: Interaction,
  secretOf: (channel: SlackChannel) => Promise<Secret>,
): Promise<SlackChannel | undefined> {
  if (!isFresh(interaction, control.parts.clock.now())) return undefined;
  for (const channel of channelsOf(control)) {
    if (channel.kind !== "slack" || channel.signing === undefined) continue;
    if (isFromSlack(interaction, [await secretOf(channel)], control.parts.clock.now())) return channel;
  }
  return undefined;
}

function payloadOf(body: Uint8Array): Payload {
  const text = new URLSearchParams(Buffer.from(body).toString("utf8")).get("payload") ?? "";
  const read = payloadSchema.safeParse(parsed(text));
  if (!read.success) throw new Problem("invalid", "this is not a button of ours that was pressed");
  return read.data;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text, { maxBytes: 262_144, maxDepth: 64 });
  } catch {
    return undefined;
  }
}

async function press(control: Control, key: Secret, channel: SlackChannel, payload: Payload): Promise<string> {
  const [action] = payload.actions;
  const verdict = action?.action_id;
  if (verdict !== "approve" && verdict !== "deny") return "Nothing was answered: the link opens it.";
  const said = action?.value === undefined ? undefined : openValue(key, action.value);
  if (said === undefined) throw new Problem("forbidden", "this button is not one of ours");
  const email = channel.people.find(({ id }) => id === payload.user.id)?.person;
  const person = email === undefined ? undefined : personOf(control, email);
  if (person === undefined) throw new Problem("forbidden", "the workspace's files do not say who you are");
  if (person.email !== said.person) throw new Problem("forbidden", "this was sent to somebody else");
  const open = await control.hall.open(said.action);
  if (open?.state !== "held") throw new Problem("conflict", "it no longer waits for an answer");
  if (lowRiskText(control, open) === undefined)
    throw new Problem("forbidden", "this takes more than a button", { help: "open the link and answer there" });
  const reason = payload.state?.values?.why?.text.value ?? "";
  const asking = { ...person, credential: `slack:${payload.user.id}` };
  const { callDigest, shownDigest } = said;
  const weight = await answer(control, asking, {
    action: said.action,
    verdict,
    callDigest,
    shownDigest,
    reason,
    inMessage: true,
  });
  if (weight.notCounted !== undefined) return `Recorded, and it does not count: ${weight.notCounted}`;
  return verdict === "approve" ? "Approved." : "Denied. The agent reads your reason.";
}
