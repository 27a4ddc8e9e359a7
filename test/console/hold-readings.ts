import type { Page } from "playwright-core";

/** Readings that wait in the browser: what they bring is what is true once they are let go. */
export interface HeldReadings {
  /** One of them waits. */
  readonly asked: Promise<void>;
  release(): void;
}

/**
 * From now on readings of this address wait. What somebody does in the page and what happens elsewhere come in this order
 * then, however long each takes; changes pass.
 */
export async function holdReadings(page: Page, address: string | RegExp): Promise<HeldReadings> {
  const asked = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  await page.route(address, async (route) => {
    if (route.request().method() !== "GET") return route.fallback();
    asked.resolve();
    await free.promise;
    return route.fallback();
  });
  return { asked: asked.promise, release: free.resolve };
}
