/** Ends one request at its deadline or with its caller. Released, it leaves no timer and no listener behind. */
export interface Leash {
  readonly signal: AbortSignal;
  /** Whether it was the deadline that ended it. */
  isLate(): boolean;
  release(): void;
}

// Timers take no more than 31 bits of milliseconds.
const longestMs = 2 ** 31 - 1;

export function takeLeash(deadlineMs: number, caller?: AbortSignal): Leash {
  const stop = new AbortController();
  let late = false;
  const timer = setTimeout(
    () => {
      late = true;
      stop.abort();
    },
    Math.min(Math.max(deadlineMs, 1), longestMs),
  );
  const left = () => stop.abort();
  caller?.addEventListener("abort", left, { once: true });
  if (caller?.aborted === true) stop.abort();
  return {
    signal: stop.signal,
    isLate: () => late,
    release() {
      clearTimeout(timer);
      caller?.removeEventListener("abort", left);
    },
  };
}
