import { Problem } from "../floor/problem.ts";
import { dayMs } from "./credential.ts";

/** One agent in one environment, for one person or for nobody: what a credential stands for. */
export interface Account {
  readonly agent: string;
  readonly environment: string;
  readonly onBehalfOf?: string;
}

export const maxLifetimeMs = 365 * dayMs;

/** Milliseconds that a new credential lives; fails with `invalid` where it would not live, or outlive a year. */
export function lifetime(wantedMs: number | undefined, usualMs: number): number {
  const ms = wantedMs ?? usualMs;
  if (Number.isFinite(ms) && ms > 0 && ms <= maxLifetimeMs) return ms;
  throw new Problem("invalid", "a credential lives between a moment and 365 days", { at: "/expiresInMs" });
}

export function checkAccount(account: Account): Account {
  for (const [member, value] of Object.entries({ agent: account.agent, environment: account.environment })) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(value)) {
      throw new Problem("invalid", `the ${member}'s name is not one that a workspace file can hold`, {
        at: `/${member}`,
      });
    }
  }
  const { agent, environment, onBehalfOf } = account;
  return { agent, environment, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
}

/** What a person or client wrote, as it may be kept and shown: one line, nothing that controls or reorders text. */
export function oneLine(text: string | undefined, length: number): string {
  return (text ?? "")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, length)
    .toWellFormed();
}
