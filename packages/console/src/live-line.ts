export type Line = "live" | "opening" | "broken";

export interface LineNews {
  /** Something happened; `reset` where things may have been missed. */
  heard(kind: string): void;
  is(line: Line): void;
}

/** Beats come every 15 s: a line on which two were missed holds them back, or leads nowhere. */
const quietMs = 40_000;
const lookEveryMs = 1_000;
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;

/**
 * The line to the server, opened again for as long as somebody looks. It is live once something came over it, not once it
 * opened. A browser opens again by itself what broke, but nothing that was refused (502, 503, 429), and says nothing of a
 * line on which nothing comes.
 */
export function openLine(kinds: readonly string[], news: LineNews): () => void {
  let source: EventSource;
  let heardMs = 0;
  let waitMs = firstWaitMs;
  let again: ReturnType<typeof setTimeout> | undefined;
  let isBehind = false;

  const hear = (): void => {
    heardMs = Date.now();
    waitMs = firstWaitMs;
    news.is("live");
    if (isBehind) news.heard("reset");
    isBehind = false;
  };
  const open = (): void => {
    again = undefined;
    heardMs = Date.now();
    source = new EventSource("/v1/stream");
    source.onerror = () => {
      news.is("broken");
      isBehind = true;
      if (source.readyState === EventSource.CLOSED) openLater();
    };
    source.addEventListener("beat", hear);
    for (const kind of kinds)
      source.addEventListener(kind, () => {
        hear();
        news.heard(kind);
      });
  };
  // A new source does not know what the last one heard.
  const openLater = (): void => {
    source.close();
    isBehind = true;
    again ??= setTimeout(open, waitMs * (0.5 + Math.random() / 2));
    waitMs = Math.min(waitMs * 2, longestWaitMs);
  };
  const look = setInterval(() => {
    if (again !== undefined || Date.now() - heardMs < quietMs) return;
    news.is("broken");
    openLater();
  }, lookEveryMs);

  open();
  return () => {
    clearInterval(look);
    clearTimeout(again);
    source.close();
  };
}
