/** What people and their systems are told of. */
export const noticeTypes = [
  "approval.asked",
  "approval.lapsing",
  "approval.escalated",
  "approval.voided",
  "approval.ended",
  "action.unknown",
  "alert.raised",
  "stop.taken",
  "stop.lifted",
  "test.page",
] as const;
export type NoticeType = (typeof noticeTypes)[number];

/** What a channel can be asked to tell: each stands for one or several kinds of notice. */
export type Topic = "approval" | "escalation" | "ended" | "unknown" | "alert" | "stop";

const topics: Readonly<Record<NoticeType, Topic | undefined>> = {
  "approval.asked": "approval",
  "approval.lapsing": "approval",
  "approval.escalated": "escalation",
  "approval.voided": "approval",
  "approval.ended": "ended",
  "action.unknown": "unknown",
  "alert.raised": "alert",
  "stop.taken": "stop",
  "stop.lifted": "stop",
  "test.page": "escalation",
};

export function topicOf(type: NoticeType): Topic | undefined {
  return topics[type];
}

/** These are of use only while the question is open. */
export function asksNow(type: NoticeType): boolean {
  return type.startsWith("approval.") && type !== "approval.ended";
}

/** What is told, as the outbox keeps it and as webhooks send it. Everything in it may be what an agent wrote. */
export interface NoticeBody {
  /** One sentence. */
  readonly headline: string;
  /** Where the console shows it, from its root: `/inbox/act_…`. */
  readonly path: string;
  readonly workflow?: string;
  readonly agent?: string;
  readonly tool?: string;
  readonly verb?: string;
  readonly target?: string;
  readonly environment?: string;
  /** Why it is asked, why it stopped, how it ended. */
  readonly sentence?: string;
  readonly expiresAt?: string;
  /** Whom it concerns: who is asked, or who answered. */
  readonly people: readonly string[];
  /** They may answer although nobody asked them at first. */
  readonly mayAnswer?: true;
}

/** One happening, before it is known who hears of it. */
export interface Notice {
  /** The same for the same happening, so that it is told once: `approval.asked:act_…:0`. */
  readonly event: string;
  readonly type: NoticeType;
  /** The action, stop or alert that it is about. */
  readonly subject: string;
  readonly workflow?: string;
  readonly body: NoticeBody;
}

const labels = [
  ["agent", "Agent"],
  ["workflow", "Workflow"],
  ["tool", "Tool"],
  ["verb", "Kind"],
  ["target", "Target"],
  ["environment", "Environment"],
  ["sentence", "Why"],
  ["expiresAt", "Open until"],
] as const satisfies readonly (readonly [keyof NoticeBody, string])[];

/** What there is to know, as rows of two: a label of ours and a text of anybody's. */
export function factsOf(body: NoticeBody): readonly { readonly label: string; readonly value: string }[] {
  return labels.flatMap(([name, label]) => {
    const value = body[name];
    return value === undefined || value === "" ? [] : [{ label, value }];
  });
}
