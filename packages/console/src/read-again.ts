import type { Query, QueryClient } from "@tanstack/react-query";

/**
 * Reads again what news make stale. What is being read when they come may not know of them: it is read to its end, and
 * then once more. Cut off by each news, a slow reading would never end where news do not stop, nor a page that somebody
 * asked for come.
 */
export function openReadAgain(queries: QueryClient) {
  const cache = queries.getQueryCache();
  const behind = new Set<string>();
  const again = ({ queryKey }: Query): void => void queries.invalidateQueries({ queryKey, exact: true });
  const close = cache.subscribe(({ query }) => {
    if (query.state.fetchStatus === "idle" && behind.delete(query.queryHash)) again(query);
  });
  return {
    /** Everything whose key begins with one of these. */
    stale(keys: ReadonlySet<string>): void {
      for (const query of cache.findAll({ predicate: ({ queryKey }) => keys.has(String(queryKey[0])) })) {
        const isRead = isBeingRead(query);
        // What failed and is tried again later is better tried at once, but only once: it has to come to its error.
        if (!isRead || (hasFailed(query) && !behind.has(query.queryHash))) again(query);
        if (isRead) behind.add(query.queryHash);
      }
    },
    close,
  };
}

function isBeingRead({ state }: Query): boolean {
  return state.fetchStatus === "fetching";
}

function hasFailed({ state }: Query): boolean {
  return state.fetchFailureCount > 0;
}
