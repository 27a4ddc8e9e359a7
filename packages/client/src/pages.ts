/** Walks a listing page by page, asking for the next one only when it is wanted. */
export async function* walk<P extends { readonly next?: string }, T>(
  ask: (cursor: string | undefined) => Promise<P>,
  items: (page: P) => readonly T[],
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page: P = await ask(cursor);
    yield* items(page);
    if (page.next !== undefined && page.next === cursor) return;
    cursor = page.next;
  } while (cursor !== undefined);
}
