/** Wakes who waits for an action. A hint only: whoever is woken reads the ledger. */
export interface Watch {
  /** Resolves at the next move of the action, after `ms`, or when the signal fires; `true` where it moved. */
  next(action: string, ms: number, signal?: AbortSignal): Promise<boolean>;
  moved(action: string): void;
}

export function createWatch(): Watch {
  const waiting = new Map<string, Set<(moved: boolean) => void>>();
  return {
    next(action, ms, signal) {
      if (signal?.aborted === true || ms <= 0) return Promise.resolve(false);
      return new Promise((resolve) => {
        const set = waiting.get(action) ?? new Set();
        waiting.set(action, set);
        const end = (moved: boolean): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", aborted);
          set.delete(end);
          if (set.size === 0) waiting.delete(action);
          resolve(moved);
        };
        const aborted = (): void => end(false);
        const timer = setTimeout(() => end(false), ms);
        signal?.addEventListener("abort", aborted, { once: true });
        set.add(end);
      });
    },
    moved(action) {
      for (const end of [...(waiting.get(action) ?? [])]) end(true);
    },
  };
}
