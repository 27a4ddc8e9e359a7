let isGone = false;
addEventListener("pagehide", () => {
  isGone = true;
});
addEventListener("pageshow", () => {
  isGone = false;
});

/**
 * Calls this once the page is left: hidden, or on its way out. On a phone that is the last that a page hears, and nothing
 * asks before it is closed. Returns how to hear no more of it.
 */
export function onLeft(run: () => void): () => void {
  const hidden = (): void => {
    if (document.visibilityState === "hidden") run();
  };
  document.addEventListener("visibilitychange", hidden);
  addEventListener("pagehide", run);
  return () => {
    document.removeEventListener("visibilitychange", hidden);
    removeEventListener("pagehide", run);
  };
}

/** What this comes to, unless the page is left first: then undefined, at once. */
export async function unlessLeft<T>(wanted: () => Promise<T>): Promise<T | undefined> {
  if (isGone || document.visibilityState === "hidden") return undefined;
  let free = (): void => undefined;
  const left = new Promise<undefined>((resolve) => {
    free = onLeft(() => resolve(undefined));
  });
  try {
    return await Promise.race([wanted(), left]);
  } finally {
    free();
  }
}
