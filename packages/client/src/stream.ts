import { CountersignProblem, isObject, problemOf } from "./problem.ts";
import type { Wire } from "./wire.ts";

/** Something that happened, as it happens: a hint to read again, never the truth itself. */
export interface StreamEvent {
  readonly id: string | undefined;
  readonly kind: string;
  readonly data: unknown;
}

/** Says that the line is there, and nothing else. */
const beat = "beat";

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/** Events until `signal` says stop. A broken stream is opened again where it broke off. */
export async function* readStream(wire: Wire, path: string, signal: AbortSignal): AsyncGenerator<StreamEvent> {
  let last: string | undefined;
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    try {
      const response = await wire.open(path, last === undefined ? {} : { "last-event-id": last }, signal);
      if (!response.ok) throw problemOf(response.status, await response.json().catch(() => undefined));
      for await (const event of eventsOf(response)) {
        pauseMs = firstPauseMs;
        last = event.id ?? last;
        if (event.kind !== beat) yield event;
      }
    } catch (thrown) {
      if (signal.aborted) return;
      // What would be refused again is not asked for again.
      if (thrown instanceof CountersignProblem && thrown.code !== "unavailable" && thrown.code !== "too_many")
        throw thrown;
    }
    await wait(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

const mostBuffered = 4 * 1024 * 1024;

/** The events of one answer (WHATWG server-sent events). */
export async function* eventsOf(response: Response): AsyncGenerator<StreamEvent> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let buffer = "";
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      buffer = (buffer + decoder.decode(value, { stream: true })).replaceAll("\r\n", "\n");
      if (buffer.length > mostBuffered) throw new CountersignProblem("too_large", "an event of the stream has no end");
      const blocks = buffer.split("\n\n");
      buffer = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = eventOf(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function eventOf(block: string): StreamEvent | undefined {
  let id: string | undefined;
  let kind = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") id = value;
    else if (field === "event") kind = value;
    else if (field === "data") data.push(value);
  }
  if (data.length === 0) return undefined;
  return { id, kind, data: parsed(data.join("\n")) };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) || Array.isArray(value) ? value : text;
  } catch {
    return text;
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
