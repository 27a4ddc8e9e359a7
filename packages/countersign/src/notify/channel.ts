import { asksNow, type Notice, type NoticeType, type Topic, topicOf } from "./notice.ts";

interface Common {
  readonly name: string;
  readonly on: readonly Topic[];
  /** Absent: of every workflow, and of what belongs to none. */
  readonly workflows?: readonly string[];
  /** It may stand at a private address. */
  readonly private: boolean;
}

/** Secrets are named here, never held: each is leased for one sending. */
export type Channel = WebhookChannel | SlackChannel | TeamsChannel | EmailChannel;

export interface WebhookChannel extends Common {
  readonly kind: "webhook";
  readonly url: string;
  readonly signing: string;
  /** Signs beside the other while receivers move from one to the next. */
  readonly previous?: string;
}

export interface SlackChannel extends Common {
  readonly kind: "slack";
  /** The name of the secret that holds an incoming webhook's address. */
  readonly webhook?: string;
  /** The name of the secret that holds a bot's token. */
  readonly bot?: string;
  readonly channel?: string;
  /** The name of the secret that Slack signs interactions with. */
  readonly signing?: string;
  /** Slack's ids of people. */
  readonly people: readonly { readonly id: string; readonly person: string }[];
  readonly api: string;
}

export interface TeamsChannel extends Common {
  readonly kind: "teams";
  readonly webhook: string;
}

export interface EmailChannel extends Common {
  readonly kind: "email";
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls" | "none";
  readonly user?: string;
  readonly credential?: string;
  /** Path of a PEM file, from the workspace's folder. */
  readonly certificates?: string;
  readonly from: string;
  /** Absent: whom it concerns. */
  readonly to?: readonly string[];
}

/** One row of the outbox that a notice makes. */
export interface Addressed {
  readonly channel: string;
  readonly person: string | null;
}

/** Which channels hear of it, and where they reach people one by one, who. */
export function addresseesOf(
  { type, workflow, body }: Pick<Notice, "type" | "workflow" | "body">,
  channels: readonly Channel[],
): readonly Addressed[] {
  return channels
    .filter((channel) => hears(channel, type, workflow))
    .flatMap((channel) => reachedBy(channel, body.people).map((person) => ({ channel: channel.name, person })));
}

function hears(channel: Channel, type: NoticeType, workflow: string | undefined): boolean {
  const topic = topicOf(type);
  const isOfWorkflow =
    channel.workflows === undefined || (workflow !== undefined && channel.workflows.includes(workflow));
  return isOfWorkflow && topic !== undefined && (channel.on.includes(topic) || isTestOf(channel, type));
}

/** A test page goes wherever questions go. */
function isTestOf(channel: Channel, type: NoticeType): boolean {
  return type === "test.page" && channel.on.includes("approval");
}

function reachedBy(channel: Channel, people: readonly string[]): readonly (string | null)[] {
  if (channel.kind === "email") return [...new Set(channel.to ?? people)];
  if (!isPersonal(channel)) return [null];
  const known = new Set(channel.people.map(({ person }) => person));
  return [...new Set(people)].filter((person) => known.has(person));
}

/** A bot without a channel writes to each person by themself. */
export function isPersonal(channel: Channel): channel is SlackChannel {
  return channel.kind === "slack" && channel.bot !== undefined && channel.channel === undefined;
}

/** Whether a notice whose question has ended need not be sent any more. A program is told all the same. */
export function isOver(channel: Channel, type: NoticeType, isOpen: boolean): boolean {
  return !isOpen && asksNow(type) && channel.kind !== "webhook";
}
