import type { ServerResponse } from "node:http";
import { type Heads, type News, readNews } from "../../action/index.ts";
import { Problem } from "../../floor/problem.ts";
import { type Control, contextOf } from "../../governance/index.ts";
import { type Admitted, may, type Readmitted } from "../../identity/index.ts";
import { beat, eventOf, isBehind, mayHear, mayShutOut, openingBeat, readHeads, reset } from "./stream-events.ts";

const everyMs = 150;
const beatMs = 15_000;
const batch = 500;
/** What a reader may have unread before it is dropped: it comes back with the id of what it last saw. */
const mostUnread = 1_048_576;
const mostReaders = 1_000;

interface Reader extends Admitted {
  readonly response: ServerResponse;
  /** As they were when they were last asked. */
  who: Readmitted["who"];
  untilMs: number;
  /** How far it has been told. */
  heads: Heads;
}

/** Who of these would be let in now; undefined in the place of who would not. */
export type AdmitAgain = (all: readonly Admitted[]) => Promise<readonly (Readmitted | undefined)[]>;

/**
 * Tells everybody who listens what happens on any replica: one poll for all, only while somebody listens. Who listens is
 * asked again, all in one, with each beat and as soon as something happened that may have shut somebody out.
 */
export class StreamHub {
  readonly #control: Control;
  readonly #admit: AdmitAgain;
  readonly #readers = new Set<Reader>();
  #heads: Heads | undefined;
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<void> | undefined;
  #beatTick = 0;
  /** What is in force has changed since the readers were asked. */
  #isStale = false;

  constructor(control: Control, admit: AdmitAgain) {
    this.#control = control;
    this.#admit = admit;
    control.keeper.onChange(() => {
      this.#isStale = true;
    });
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Opens a stream; with the id of the last event, from there on. Fails before anything is written. */
  async open(asked: Admitted, lastEventId: string | undefined): Promise<(response: ServerResponse) => void> {
    if (this.#readers.size >= mostReaders) throw new Problem("too_many", "too many streams are open here");
    const { parts } = this.#control;
    const from = lastEventId === undefined ? undefined : readHeads(lastEventId);
    const missed = await readNews(parts, from, batch);
    const isReset = missed.news.length === batch;
    // Whoever loads anew what it shows is told from now on.
    const first = isReset ? await readNews(parts, undefined, batch) : missed;
    // INVARIANT: asked after the news were read: whatever shuts this reader out later is among the news that follow.
    const [now] = await this.#admitted([asked]);
    if (now === undefined) throw new Problem("not_authenticated", "credentials are missing or not valid");
    return (response) => {
      const reader: Reader = { ...asked, ...now, response, heads: from ?? first.heads };
      response.write(`retry: 1000\n\n${openingBeat(reader.heads)}`);
      if (isReset) this.#send(reader, reset);
      else this.#tell([reader], first.news);
      reader.heads = first.heads;
      response.once("close", () => this.#leave(reader));
      void this.#join(reader).catch((cause: unknown) => {
        parts.log.warn({ cause: String(cause) }, "a stream could not be joined");
        response.destroy();
      });
    };
  }

  /** Ends every stream. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const { response } of this.#readers) response.end();
    this.#readers.clear();
    await this.#busy;
  }

  /** INVARIANT: a reader is among the others from the moment on at which it has been told as much as they have. */
  async #join(reader: Reader): Promise<void> {
    const { response } = reader;
    this.#heads ??= reader.heads;
    while (isBehind(reader.heads, this.#heads)) {
      const { news, heads } = await readNews(this.#control.parts, reader.heads, batch);
      if (news.some(mayShutOut) && (await this.#admitted([reader]))[0] === undefined) return void response.end();
      this.#tell([reader], news);
      reader.heads = heads;
    }
    if (response.destroyed) return;
    // Whoever listened so far may have left meanwhile.
    this.#heads ??= reader.heads;
    this.#readers.add(reader);
    this.#timer ??= setInterval(() => this.#poll(), everyMs).unref();
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#heads = undefined;
  }

  #poll(): void {
    this.#busy ??= this.#read()
      .catch((cause: unknown) => this.#control.parts.log.warn({ cause: String(cause) }, "news could not be read"))
      .finally(() => {
        this.#busy = undefined;
      });
  }

  /** INVARIANT: where it cannot be known who may still listen nobody is told anything, and it is read again. */
  async #read(): Promise<void> {
    const before = this.#heads;
    if (before === undefined) return;
    const { parts, keeper } = this.#control;
    const { news, heads } = await readNews(parts, before, batch);
    const tick = parts.clock.tick();
    const isBeat = tick >= this.#beatTick;
    const isShut = news.some(mayShutOut);
    // Another replica may have done it: this one enforces it before it asks.
    if (isShut) await keeper.refresh();
    if (isBeat || isShut || this.#isStale || this.#hasRunOut(parts.clock.now())) await this.#askAgain();
    if (this.#heads !== before) return;
    this.#heads = heads;
    this.#tell([...this.#readers], news);
    for (const reader of this.#readers) reader.heads = heads;
    if (!isBeat) return;
    this.#beatTick = tick + beatMs;
    for (const reader of this.#readers) this.#send(reader, beat);
  }

  #hasRunOut(nowMs: number): boolean {
    return [...this.#readers].some(({ untilMs }) => untilMs <= nowMs);
  }

  /** Ends the stream of everybody who would not be let in now; the others are from now on who they now are. */
  async #askAgain(): Promise<void> {
    const readers = [...this.#readers];
    this.#isStale = false;
    const found = await this.#admitted(readers).catch((cause: unknown) => {
      this.#isStale = true;
      throw cause;
    });
    for (const [place, reader] of readers.entries()) {
      const now = found[place];
      if (now !== undefined) Object.assign(reader, now);
      else {
        this.#leave(reader);
        reader.response.end();
      }
    }
  }

  async #admitted(all: readonly Admitted[]): Promise<readonly (Readmitted | undefined)[]> {
    const context = contextOf(this.#control, {});
    const found = await this.#admit(all);
    return found.map((one) =>
      one?.who.kind !== "person" || may(one.who, "read-action", context).allowed ? one : undefined,
    );
  }

  #tell(readers: readonly Reader[], news: readonly News[]): void {
    for (const reader of readers) {
      const { atUs } = reader.heads;
      const seqs = new Map(reader.heads.seqs);
      for (const one of news) {
        if (one.seq <= (seqs.get(one.writer) ?? -1)) continue;
        seqs.set(one.writer, one.seq);
        if (mayHear(reader.who, one)) this.#send(reader, eventOf(one, { atUs, seqs }));
      }
    }
  }

  #send(reader: Reader, text: string): void {
    if (reader.response.writableLength > mostUnread) {
      this.#leave(reader);
      reader.response.destroy();
    } else reader.response.write(text);
  }
}
