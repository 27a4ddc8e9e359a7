import { type CheckFact, canonical, type Json, type JsonObject } from "@countersign/contract";
import { complaint } from "../checks/index.ts";
import type { Relay } from "../execution/connector.ts";
import { iso } from "../floor/clock.ts";
import { digestText } from "../floor/digest.ts";
import type { Call } from "./call.ts";
import type { Given } from "./given.ts";
import type { Parts } from "./parts.ts";

/** The way between a server and the agent's client while one call runs. */
export interface GuardedRelay {
  readonly relay: Relay;
  /** Everything that the client answered, in the order of the answers. */
  given(): readonly Given[];
  /** From now on nothing leaves: what is not in the record of the outcome must not reach the server. */
  close(): void;
}

type Asked = Pick<Parts, "checking" | "log"> & { readonly ledger: Pick<Parts["ledger"], "now"> };
type Relayed = Pick<Call, "id"> & { readonly submission: Pick<Call["submission"], "server" | "tool"> };

const checkNames = ["secrets", "secret-reference"] as const;
/** A server that asks more often than this in one call gets no more answers. */
export const mostAsked = 100;
/** Answers above this many characters are recorded by digest and size. */
export const mostKeptChars = 32_768;

/**
 * Cuts secrets out of what the server says, and lets an answer of the client go only where it holds none. The hall
 * wraps every relay in this: no door passes one around it.
 */
export function guardRelay(parts: Asked, call: Relayed, relay: Relay, signal: AbortSignal): GuardedRelay {
  const given: Given[] = [];
  let asked = 0;
  let open = true;
  const mayLeave = (): boolean => open && !signal.aborted;

  const request = async (message: JsonObject): Promise<JsonObject> => {
    asked += 1;
    if (!mayLeave() || asked > mostAsked) return fault("nothing more is asked in this call");
    const question = cleaned(parts, message);
    if (question === undefined) return fault("the question could not be checked for secrets");
    const answer = await relay.request(question);
    const at = iso(parts.ledger.now());
    const text = canonical(answer);
    const answerDigest = digestText(text);
    const checks = await check(parts, call, answer, answerDigest, at);
    const withheld = mayLeave() ? refusalOf(parts, checks) : "the call had ended";
    given.push({
      at,
      asked: String(message.method ?? "").slice(0, 100),
      questionDigest: digestText(canonical(question)),
      answerDigest,
      answer: keptOf(parts, answer, text.length),
      ...(withheld === undefined ? {} : { withheld }),
    });
    if (withheld === undefined) return answer;
    parts.log.warn({ action: call.id, withheld }, "a client's answer was not passed to the server");
    return fault("the client's answer may not leave");
  };
  return {
    relay: {
      notify(message) {
        const clean = cleaned(parts, message);
        if (clean !== undefined) relay.notify(clean);
      },
      request,
      ...(relay.letGo === undefined ? {} : { letGo: () => relay.letGo?.() }),
    },
    given: () => [...given],
    close() {
      open = false;
    },
  };
}

/** A message of the server without secrets; undefined where it could not be scanned. */
function cleaned(parts: Asked, message: JsonObject): JsonObject | undefined {
  const { params } = message;
  if (!isObject(params)) return message;
  const clean = parts.checking.redact(params).value;
  if (clean === params) return message;
  if (!isObject(clean)) return undefined;
  // The token is the client's own, and without it the client cannot tell what the progress belongs to.
  const token = params.progressToken === undefined ? {} : { progressToken: params.progressToken };
  return { ...message, params: { ...clean, ...token } };
}

function check(parts: Asked, call: Relayed, value: Json, digest: string, at: string): Promise<readonly CheckFact[]> {
  const { server, tool } = call.submission;
  return parts.checking.run(checkNames, { stage: "arguments", server, tool, value, digest, at });
}

function refusalOf(parts: Asked, checks: readonly CheckFact[]): string | undefined {
  const failed = checks.find((one) => one.verdict !== "pass");
  if (failed === undefined) return undefined;
  const where = failed.evidence.map((one) => complaint(one, (value) => parts.checking.redact(value))).join(", ");
  return `check \`${failed.name}\` did not pass${where === "" ? "" : `: ${where}`}`;
}

function keptOf(parts: Asked, answer: Json, chars: number): Json {
  return chars > mostKeptChars ? { countersign: "not kept: too large", chars } : parts.checking.redact(answer).value;
}

function fault(message: string): JsonObject {
  return { error: { code: -32603, message } };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
