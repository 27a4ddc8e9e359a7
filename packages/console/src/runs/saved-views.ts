/** A search that somebody gave a name. */
export interface SavedView {
  readonly name: string;
  /** Path and query of the address. */
  readonly to: string;
}

type Store = Pick<Storage, "getItem" | "setItem">;

const key = "countersign.views";
const most = 50;

/** What this browser has kept; what cannot be read, or leads elsewhere, is none. */
export function readViews(store: Store): readonly SavedView[] {
  try {
    const kept: unknown = JSON.parse(store.getItem(key) ?? "[]");
    const views = Array.isArray(kept) ? kept.filter(isView) : [];
    return viewPages.flatMap((page) => views.filter((view) => isOf(view, page)).slice(0, most));
  } catch {
    return [];
  }
}

/** The pages that keep views. */
const viewPages = ["/runs", "/inbox"] as const;
export type ViewPage = (typeof viewPages)[number];

export function isOf({ to }: SavedView, page: ViewPage): boolean {
  return to === page || to.startsWith(`${page}?`);
}

/** Keeps a view of a page under its name; one of the same name and page is replaced, and of too many the oldest goes. */
export function keepView(store: Store, view: SavedView): readonly SavedView[] {
  const name = view.name.trim().slice(0, 60);
  const kept = readViews(store);
  const page = viewPages.find((one) => isOf(view, one));
  if (name === "" || page === undefined) return kept;
  const [others, mine] = [kept.filter((one) => !isOf(one, page)), kept.filter((one) => isOf(one, page))];
  const news = [...mine.filter((one) => one.name !== name), { name, to: view.to }];
  return write(store, [...others, ...news.slice(-most)]);
}

export function dropView(store: Store, page: ViewPage, name: string): readonly SavedView[] {
  return write(
    store,
    readViews(store).filter((one) => one.name !== name || !isOf(one, page)),
  );
}

function write(store: Store, views: readonly SavedView[]): readonly SavedView[] {
  store.setItem(key, JSON.stringify(views));
  return views;
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== "object" || value === null) return false;
  const { name, to } = value as Partial<SavedView>;
  return (
    typeof name === "string" &&
    name !== "" &&
    typeof to === "string" &&
    viewPages.some((page) => isOf({ name, to }, page))
  );
}
