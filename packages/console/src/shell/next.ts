const name = "countersign.next";

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * Where somebody was when their session ended: the same person goes there when they log in again in this tab, since a
 * login link leads to `/`. `writer` is whose tab it was, null where nobody had logged in: then it is anybody's.
 */
export function keepNext(store: Store, at: string, writer: string | null): void {
  // Who comes to `/` without a session may be on the way back.
  if (at !== "/") store.setItem(name, JSON.stringify([at, writer]));
}

export function forgetNext(store: Store): void {
  store.removeItem(name);
}

/** Where `writer` goes instead of `at`, once. Whoever opened another page since goes to that. */
export function takeNext(store: Store, at: URL, writer: string): string | undefined {
  const [path, of] = parsed(store.getItem(name));
  store.removeItem(name);
  const kept = of === null || of === writer ? ownPath(path, at.origin) : undefined;
  if (kept === undefined || kept === "/") return undefined;
  const isSame = at.search === "" && new URL(kept, at.origin).pathname === at.pathname;
  return at.pathname === "/" || isSame ? kept : undefined;
}

function parsed(text: string | null): readonly [at: string, writer: string | null] {
  try {
    const found: unknown = JSON.parse(text ?? "null");
    if (!Array.isArray(found)) return ["/", null];
    const [at, writer] = found as unknown[];
    return [String(at), writer === null ? null : String(writer)];
  } catch {
    return ["/", null];
  }
}

/** A path of this origin as it is read by a browser; undefined for anything that leads elsewhere. */
export function ownPath(text: string, origin: string): string | undefined {
  if (!text.startsWith("/") || !URL.canParse(text, origin)) return undefined;
  const url = new URL(text, origin);
  const path = `${url.pathname}${url.search}`;
  // `/.//host` is a path only until it is read a second time.
  return url.origin === origin && !path.startsWith("//") ? path : undefined;
}
