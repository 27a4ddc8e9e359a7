import { useEffect, useState } from "react";

/** What changed about a list that keeps its places, and the way to put it in order: then the keyboard is at its first row. */
export function OutOfOrder({
  of: { isInOrder, sort },
  list,
  words,
}: {
  readonly of: { readonly isInOrder: boolean; readonly sort: () => void };
  /** The label of the list whose rows come first. */
  readonly list: string;
  /** What changed, in sentences. */
  readonly words: string;
}) {
  const [asked, ask] = useState(0);
  useEffect(() => {
    if (asked > 0) document.querySelector<HTMLElement>(`ul[aria-label="${list}"] a.row`)?.focus();
  }, [asked, list]);
  return (
    <p role="status" className="news">
      {isInOrder ? null : (
        <>
          {words}{" "}
          <button
            type="button"
            onClick={() => {
              sort();
              ask(asked + 1);
            }}
          >
            Put in order again
          </button>
        </>
      )}
    </p>
  );
}
