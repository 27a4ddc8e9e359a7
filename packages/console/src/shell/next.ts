const name = "countersign.next";

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Where somebody was when their session ended: whoever logs in again in this tab goes there, since a login link leads to `/`. */
export function keepNext(store: Store, at: string): void {
  if (at === "/") store.removeItem(name);
  else store.setItem(name, at);
}

export function forgetNext(store: Store): void {
  store.removeItem(name);
}

/** Where to go instead of `at`, once. Whoever opened another page since goes to that. */
export function takeNext(store: Store, at: URL): string | undefined {
  const kept = ownPath(store.getItem(name) ?? "/", at.origin);
  store.removeItem(name);
  if (kept === undefined || kept === "/") return undefined;
  const isSame = at.search === "" && new URL(kept, at.origin).pathname === at.pathname;
  return at.pathname === "/" || isSame ? kept : undefined;
}

/** A path of this origin as it is read by a browser; undefined for anything that leads elsewhere. */
export function ownPath(text: string, origin: string): string | undefined {
  if (!text.startsWith("/") || !URL.canParse(text, origin)) return undefined;
  const url = new URL(text, origin);
  const path = `${url.pathname}${url.search}`;
  // `/.//host` is a path only until it is read a second time.
  return url.origin === origin && !path.startsWith("//") ? path : undefined;
}
