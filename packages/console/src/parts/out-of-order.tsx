import { useEffect, useState } from "react";

/** What changed about a list that keeps its places, and the way to put it in order: then the keyboard is at its first row. */
export function OutOfOrder({
  of: { isInOrder, sort },
  list,
  words,
}: {
  readonly of: { readonly isInOrder: boolean; readonly sort: () => void | Promise<void> };
  /** The label of the list whose rows come first. */
  readonly list: string;
  /** What changed, in sentences. */
  readonly words: string;
}) {
  const [asked, ask] = useState(0);
  useEffect(() => {
    const rows = document.querySelector(`ul[aria-label="${list}"]`);
    if (asked === 0 || rows === null) return;
    // Of a long list the first row is drawn once it can be seen.
    const focusFirst = (): boolean => {
      const isMany = rows.querySelector(":scope > .room") !== null;
      const first = rows.querySelector<HTMLElement>(isMany ? `li[aria-posinset="1"] a.row` : "a.row");
      first?.focus();
      return first !== null;
    };
    if (focusFirst()) return;
    const changes = new MutationObserver(() => focusFirst() && changes.disconnect());
    changes.observe(rows, { subtree: true, childList: true, attributeFilter: ["aria-posinset"] });
    rows.scrollIntoView({ block: "start" });
    return () => changes.disconnect();
  }, [asked, list]);
  return (
    <p role="status" className="news">
      {isInOrder ? null : (
        <>
          {words}{" "}
          <button
            type="button"
            onClick={() => {
              void Promise.resolve(sort()).then(() => ask((times) => times + 1));
            }}
          >
            Put in order again
          </button>
        </>
      )}
    </p>
  );
}
