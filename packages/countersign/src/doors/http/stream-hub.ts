import type { ServerResponse } from "node:http";
import { type Heads, type News, type Parts, readNews } from "../../action/index.ts";
import { Problem } from "../../floor/problem.ts";
import type { Caller, PersonCaller } from "../../identity/index.ts";

const everyMs = 150;
const heartbeatMs = 15_000;
const batch = 500;
/** What a reader may have unread before it is dropped: it comes back with the id of what it last saw. */
const mostUnread = 1_048_576;
const mostReaders = 1_000;

interface Reader {
  readonly who: Caller | PersonCaller;
  readonly response: ServerResponse;
  /** How far it has been told. */
  heads: Heads;
}

/** Tells everybody who listens what happens on any replica: one poll for all, only while somebody listens. */
export class StreamHub {
  readonly #parts: Parts;
  readonly #readers = new Set<Reader>();
  #heads: Heads | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;
  #busy: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Opens a stream; with the id of the last event, from there on. Fails before anything is written. */
  async open(who: Caller | PersonCaller, lastEventId: string | undefined): Promise<(response: ServerResponse) => void> {
    if (this.#readers.size >= mostReaders) throw new Problem("too_many", "too many streams are open here");
    const from = lastEventId === undefined ? undefined : readHeads(lastEventId);
    const first = await readNews(this.#parts, from, batch);
    return (response) => {
      const reader: Reader = { who, response, heads: from ?? first.heads };
      response.write("retry: 1000\n\n");
      // More was missed than is sent again: the reader is to load anew what it shows.
      if (first.news.length === batch) this.#send(reader, "event: reset\ndata: {}\n\n");
      else this.#tell([reader], first.news);
      reader.heads = first.heads;
      response.once("close", () => this.#leave(reader));
      void this.#join(reader).catch((cause: unknown) => {
        this.#parts.log.warn({ cause: String(cause) }, "a stream could not be joined");
        response.destroy();
      });
    };
  }

  /** Ends every stream. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    clearInterval(this.#beat);
    for (const { response } of this.#readers) response.end();
    this.#readers.clear();
    await this.#busy;
  }

  /** INVARIANT: a reader is among the others from the moment on at which it has been told as much as they have. */
  async #join(reader: Reader): Promise<void> {
    this.#heads ??= reader.heads;
    while (isBehind(reader.heads, this.#heads)) {
      const { news, heads } = await readNews(this.#parts, reader.heads, batch);
      this.#tell([reader], news);
      reader.heads = heads;
    }
    if (reader.response.destroyed) return;
    this.#readers.add(reader);
    this.#timer ??= setInterval(() => this.#poll(), everyMs).unref();
    this.#beat ??= setInterval(() => this.#heartbeat(), heartbeatMs).unref();
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    clearInterval(this.#timer);
    clearInterval(this.#beat);
    this.#timer = undefined;
    this.#beat = undefined;
    this.#heads = undefined;
  }

  #poll(): void {
    this.#busy ??= this.#read()
      .catch((cause: unknown) => this.#parts.log.warn({ cause: String(cause) }, "news could not be read"))
      .finally(() => {
        this.#busy = undefined;
      });
  }

  async #read(): Promise<void> {
    const before = this.#heads;
    if (before === undefined) return;
    const { news, heads } = await readNews(this.#parts, before, batch);
    if (this.#heads !== before) return;
    this.#heads = heads;
    this.#tell([...this.#readers], news);
    for (const reader of this.#readers) reader.heads = heads;
  }

  #tell(readers: readonly Reader[], news: readonly News[]): void {
    for (const reader of readers) {
      const heads = new Map(reader.heads);
      for (const one of news) {
        if (one.seq <= (heads.get(one.writer) ?? -1)) continue;
        heads.set(one.writer, one.seq);
        if (!mayHear(reader.who, one)) continue;
        const head = `id: ${writeHeads(heads)}\nevent: ${nameOf(one)}`;
        this.#send(reader, `${head}\ndata: ${JSON.stringify(dataOf(one))}\n\n`);
      }
    }
  }

  #send(reader: Reader, text: string): void {
    if (reader.response.writableLength > mostUnread) {
      this.#leave(reader);
      reader.response.destroy();
    } else reader.response.write(text);
  }

  #heartbeat(): void {
    for (const reader of this.#readers) this.#send(reader, ": still here\n\n");
  }
}

/**
 * An agent hears of its own actions; a person who may look at actions hears of all that is not private, and alone of what
 * was seeded for them.
 */
function mayHear(who: Caller | PersonCaller, news: News): boolean {
  if (news.kind === "canary") return who.kind === "person" && news.person === who.email;
  return who.kind === "person" || (news.to !== null && news.agent === who.agent && news.workflow === who.workflow);
}

const aboutApprovals = new Set(["held", "approved", "denied", "asked", "replied", "granted", "canary"]);

function nameOf(news: News): string {
  if (aboutApprovals.has(news.kind)) return "approval";
  if (news.kind === "stopped" || news.kind === "lifted") return "stop";
  return news.to === null ? "plane" : "action";
}

function dataOf({ writer: _writer, seq: _seq, subject, ...rest }: News): object {
  return { id: subject, ...rest };
}

/** A writer that the reader no longer knows has ended, and all of it was told. */
function isBehind(heads: Heads, hub: Heads | undefined): boolean {
  return [...(hub ?? [])].some(([writer, seq]) => (heads.get(writer) ?? Number.POSITIVE_INFINITY) < seq);
}

const mostWriters = 64;

function writeHeads(heads: Heads): string {
  return [...heads].map(([writer, seq]) => `${writer}.${seq}`).join(",");
}

function readHeads(text: string): Heads {
  const parts = text.split(",");
  const heads = parts.flatMap((part) => {
    const [, writer, seq] = /^(wrt_[0-9a-hjkmnp-tv-z]{26})\.(-1|\d{1,15})$/.exec(part) ?? [];
    return writer === undefined ? [] : [[writer, Number(seq)] as const];
  });
  if (heads.length !== parts.length || parts.length > mostWriters)
    throw new Problem("invalid", "`Last-Event-ID` is not one of ours", { at: "Last-Event-ID" });
  return new Map(heads);
}
