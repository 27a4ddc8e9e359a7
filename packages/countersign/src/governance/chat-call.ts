import { createHmac, timingSafeEqual } from "node:crypto";
import { parseJson, type Requirement, shownDocument } from "@countersign/contract";
import { digestOfShown, noteShown, type OpenAction } from "../action/index.ts";
import { freshBytes } from "../floor/id.ts";
import type { Secret } from "../floor/secret.ts";
import { visible } from "../floor/visible.ts";
import { type ChatCall, type Letter, longestChatCall } from "../notify/index.ts";
import type { Control } from "./control.ts";
import { personOf } from "./notice-of.ts";
import { mayAnswer } from "./show-approval.ts";

/** What a button's value says, and nobody else could have written. */
export interface ChatValue {
  readonly action: string;
  readonly person: string;
  readonly callDigest: string;
  readonly shownDigest: string;
}

/** What an approval asks for by itself. Anything more, such as a passkey, is not of low risk. */
const plainMembers: ReadonlySet<string> = new Set([
  "kind",
  "policy",
  "policyDigest",
  "from",
  "count",
  "exclude",
  "openMs",
  "validMs",
  "grants",
  "sentence",
]);

function isPlain(requirement: Requirement): boolean {
  return (
    requirement.kind === "approval" &&
    requirement.count === 1 &&
    Object.keys(requirement).every((member) => plainMembers.has(member))
  );
}

/**
 * The whole call as text, where it may be answered in chat: the workflow says so, it is outside production, its words of risk
 * do not come to high, a plan undoes it, one ordinary approval is all that is missing, and all of what an approver is shown fits into the message and hides nothing.
 */
export function lowRiskText(control: Pick<Control, "keeper">, open: OpenAction): string | undefined {
  const { workspace } = control.keeper.loaded();
  const workflow = workspace?.workflows.find(({ name }) => name === open.workflow);
  const environment = workspace?.environments.find(({ name }) => name === open.environment);
  const isLow =
    workflow?.chat === "low-risk" &&
    environment?.production === false &&
    open.risk !== undefined &&
    open.risk.level !== "high" &&
    open.plan?.kind === "inverse" &&
    open.requirements.length === 1 &&
    open.requirements.every(isPlain) &&
    open.args !== undefined &&
    open.frozenBy === undefined;
  if (!isLow) return undefined;
  const text = JSON.stringify(shownDocument(open), null, 1);
  const escapes = text.match(/[&<>]/g)?.length ?? 0;
  return visible(text) === text && text.length + 4 * escapes <= longestChatCall ? text : undefined;
}

/** The call and its buttons for one person's own message, and that they were shown it; undefined where a link has to do. */
export async function chatCall(control: Control, key: Secret, letter: Letter): Promise<ChatCall | undefined> {
  if (
    letter.person === null ||
    !letter.type.startsWith("approval.") ||
    ["approval.ended", "approval.voided"].includes(letter.type)
  )
    return undefined;
  const open = await control.hall.open(letter.subject);
  const person = personOf(control, letter.person);
  if (open?.state !== "held" || person === undefined || !mayAnswer(control, person, open)) return undefined;
  const text = lowRiskText(control, open);
  if (text === undefined) return undefined;
  const digest = digestOfShown(open);
  const showing = { action: open.id, person: person.email, digest, opened: false };
  await noteShown(control.parts.db, showing, freshBytes(16).toString("base64url"));
  const value = { action: open.id, person: person.email, callDigest: open.callDigest, shownDigest: digest };
  return { text, value: sealValue(key, value) };
}

export function sealValue(key: Secret, value: ChatValue): string {
  const text = Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${text}.${macOf(key, text).toString("base64url")}`;
}

/** Undefined where we did not write it. */
export function openValue(key: Secret, sealed: string): ChatValue | undefined {
  const [text = "", mac = "", ...more] = sealed.split(".");
  const given = Buffer.from(mac, "base64url");
  const made = macOf(key, text);
  if (more.length > 0 || given.length !== made.length || !timingSafeEqual(given, made)) return undefined;
  return parseJson(Buffer.from(text, "base64url").toString("utf8"), { maxBytes: 4_000 }) as unknown as ChatValue;
}

function macOf(key: Secret, text: string): Buffer {
  return createHmac("sha256", key.reveal()).update(text).digest();
}
