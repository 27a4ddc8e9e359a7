import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { canonical, type JsonObject, parseJson } from "@countersign/contract";
import { isObject, rpcCodes } from "../../execution/mcp/index.ts";
import { digestText } from "../../floor/digest.ts";
import type { Secret } from "../../floor/secret.ts";
import type { Caller } from "../../identity/caller.ts";
import { Rejection } from "./rejection.ts";

/** What a `requestState` of this door stands for. */
export type Sealed =
  /** A server wants input: the action that it answered so, and its own state where it gave one. */
  | { readonly kind: "upstream"; readonly action: string; readonly state?: string }
  | { readonly kind: "held"; readonly action: string };

/** The one request that a state belongs to: its answers may differ on the way back, its arguments may not. */
export interface StateUse {
  readonly caller: Caller;
  readonly server: string;
  readonly method: string;
  readonly args: JsonObject;
}

/**
 * Seals with AES-256-GCM, bound to the caller, the request and a time: what comes back is from the client, who may be an
 * attacker. A state may be used again until it ends, because a client whose connection broke sends the same request
 * again; every use passes the hall.
 */
export function sealState(
  sealed: Sealed,
  use: StateUse,
  untilMs: number,
  keys: readonly [Secret, ...Secret[]],
): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyOf(keys[0]), nonce).setAAD(Buffer.from(bound(use)));
  const text = JSON.stringify({ ...sealed, until: Math.floor(untilMs) });
  return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64url");
}

export function openState(text: string, use: StateUse, nowMs: number, keys: readonly Secret[]): Sealed {
  for (const key of keys) {
    const found = tryOpen(text, use, key);
    if (found === undefined) continue;
    if (typeof found.until !== "number" || found.until < nowMs) throw invalidState("the request state has expired");
    const { action, kind, state } = found;
    if (typeof action !== "string") continue;
    if (kind === "held") return { kind, action };
    if (kind === "upstream") return typeof state === "string" ? { kind, action, state } : { kind, action };
  }
  throw invalidState("the request state is not one that this plane gave to this caller for this request");
}

function tryOpen(text: string, use: StateUse, key: Secret): JsonObject | undefined {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < 29 || bytes.toString("base64url") !== text) return undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", keyOf(key), bytes.subarray(0, 12)).setAAD(Buffer.from(bound(use)));
    decipher.setAuthTag(bytes.subarray(-16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString("utf8");
    const value = parseJson(plain, { maxBytes: 65_536 });
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function keyOf(key: Secret): Buffer {
  return Buffer.from(hkdfSync("sha256", key.reveal(), "", "countersign mcp request state v1", 32));
}

function bound(use: StateUse): string {
  const { caller, server, method, args } = use;
  return digestText(canonical([caller.agent, caller.workflow, caller.onBehalfOf ?? null, server, method, args]));
}

function invalidState(message: string): Rejection {
  return new Rejection(400, rpcCodes.invalidParams, message, { reason: "invalid_request_state" });
}
