import type { Heads, News } from "../../action/index.ts";
import { Problem } from "../../floor/problem.ts";
import type { Caller, PersonCaller } from "../../identity/index.ts";

/**
 * An agent hears of its own actions; a person who may look at actions hears of all that is not private, and alone of what
 * was seeded for them.
 */
export function mayHear(who: Caller | PersonCaller, news: News): boolean {
  if (news.kind === "canary") return who.kind === "person" && news.person === who.email;
  return who.kind === "person" || (news.to !== null && news.agent === who.agent && news.workflow === who.workflow);
}

const shutOutBy: ReadonlySet<string> = new Set(["login", "credential", "applied"]);

/** Whether somebody who listens may not be let in any more since this happened. */
export function mayShutOut({ kind }: News): boolean {
  return shutOutBy.has(kind);
}

/** Nothing happened, and the line is there: a proxy that keeps events back cannot look like a quiet plane. */
export const beat = "event: beat\ndata: {}\n\n";

/** The first beat: whose line breaks before anything happened is told from here on. */
export function openingBeat(heads: Heads): string {
  return heads.seqs.size === 0 ? beat : `id: ${writeHeads(heads)}\n${beat}`;
}

/** More was missed than is sent again: whoever hears it loads anew what it shows. */
export const reset = "event: reset\ndata: {}\n\n";

export function eventOf(news: News, heads: Heads): string {
  return `id: ${writeHeads(heads)}\nevent: ${nameOf(news)}\ndata: ${JSON.stringify(dataOf(news))}\n\n`;
}

const aboutApprovals = new Set(["held", "approved", "glass", "denied", "asked", "replied", "granted", "canary"]);

function nameOf(news: News): string {
  if (aboutApprovals.has(news.kind)) return "approval";
  if (news.kind === "stopped" || news.kind === "lifted") return "stop";
  return news.to === null ? "plane" : "action";
}

function dataOf({ writer: _writer, seq: _seq, subject, ...rest }: News): object {
  return { id: subject, ...rest };
}

/** Whether the hub has looked since, or knows more of a writer. */
export function isBehind(heads: Heads, hub: Heads | undefined): boolean {
  if (hub === undefined) return false;
  return heads.atUs < hub.atUs || [...hub.seqs].some(([writer, seq]) => (heads.seqs.get(writer) ?? seq) < seq);
}

const mostWriters = 64;

function writeHeads({ seqs, atUs }: Heads): string {
  return [...[...seqs].map(([writer, seq]) => `${writer}.${seq}`), `at.${atUs}`].join(",");
}

export function readHeads(text: string): Heads {
  const [, writers = text, at] = /^(.*),at\.(\d{1,16})$/.exec(text) ?? [];
  const parts = writers.split(",");
  const seqs = parts.flatMap((part) => {
    const [, writer, seq] = /^(wrt_[0-9a-hjkmnp-tv-z]{26})\.(-1|\d{1,15})$/.exec(part) ?? [];
    return writer === undefined ? [] : [[writer, Number(seq)] as const];
  });
  if (seqs.length !== parts.length || parts.length > mostWriters)
    throw new Problem("invalid", "`Last-Event-ID` is not one of ours", { at: "Last-Event-ID" });
  // Ids of earlier versions say no time: of what began since then all is read that has not ended.
  return { atUs: at === undefined ? Number.MAX_SAFE_INTEGER : Number(at), seqs: new Map(seqs) };
}
