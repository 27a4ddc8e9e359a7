import type { ReactNode } from "react";
import { A, useAddress } from "../address.tsx";
import { useKeys } from "../keys.tsx";

/** A list whose rows have addresses; `j` and `k` walk it. */
export function Rows<T>({
  label,
  items,
  to,
  current,
  first,
  second,
}: {
  readonly label: string;
  readonly items: readonly T[];
  readonly to: (item: T) => string;
  /** The address of the row that is open. */
  readonly current: string | undefined;
  readonly first: (item: T) => ReactNode;
  readonly second?: (item: T) => ReactNode;
}) {
  const { go } = useAddress();
  const walk = (by: number): void => {
    const at = items.findIndex((item) => to(item) === current);
    const next = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + by))];
    if (next === undefined) return;
    go(to(next));
    document.querySelector(`a.row[href="${CSS.escape(to(next))}"]`)?.scrollIntoView({ block: "nearest" });
  };
  useKeys([
    { press: "j", does: `next of ${label}`, run: () => walk(1) },
    { press: "k", does: `the one before of ${label}`, run: () => walk(-1) },
  ]);
  return (
    <ul className="rows" aria-label={label}>
      {items.map((item) => (
        <li key={to(item)}>
          <A to={to(item)} className="row" aria-current={to(item) === current ? "true" : undefined}>
            <span className="first">{first(item)}</span>
            {second === undefined ? null : <span className="second">{second(item)}</span>}
          </A>
        </li>
      ))}
    </ul>
  );
}

/** A list, and beside it what is open of it. */
export function Pair({
  list,
  detail,
  back,
}: {
  readonly list: ReactNode;
  /** Undefined where nothing is open. */
  readonly detail: ReactNode | undefined;
  readonly back: { readonly to: string; readonly words: string };
}) {
  if (detail === undefined) return <div className="list">{list}</div>;
  return (
    <div className="pair open">
      <div className="list">{list}</div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard */}
      <section className="detail" aria-label="What is open" tabIndex={0}>
        <p className="back">
          <A to={back.to}>← {back.words}</A>
        </p>
        {detail}
      </section>
    </div>
  );
}

/** What stands where a list is empty: what it would hold, and how it comes to hold something. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return <div className="empty">{children}</div>;
}
