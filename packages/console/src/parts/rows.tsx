import { type ReactNode, useRef } from "react";
import { A, useAddress } from "../address.tsx";
import { useKeys } from "../keys.tsx";
import { Room } from "./room.tsx";
import { useWindow } from "./use-window.ts";

/** A list whose rows have addresses; `j` and `k` walk it. Of more than 300 only what can be seen is drawn. */
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
  const list = useRef<HTMLUListElement>(null);
  const seen = useWindow(list, items.length);
  const walk = (by: number): void => {
    const at = items.findIndex((item) => to(item) === current);
    const place = at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + by));
    const next = items[place];
    if (next === undefined) return;
    go(to(next));
    seen.bring(place);
  };
  useKeys([
    { press: "j", does: `next of ${label}`, run: () => walk(1) },
    { press: "k", does: `the one before of ${label}`, run: () => walk(-1) },
  ]);
  return (
    <ul className={seen.isMany ? "rows walk" : "rows"} ref={list} aria-label={label}>
      {seen.isMany ? <Room rows={seen.from} /> : null}
      {items.slice(seen.from, seen.to).map((item, offset) => (
        <li key={to(item)} {...(seen.isMany ? placeOf(seen.from + offset, items.length) : {})}>
          <A to={to(item)} className="row" aria-current={to(item) === current ? "true" : undefined}>
            <span className="first">{first(item)}</span>
            {second === undefined ? null : <span className="second">{second(item)}</span>}
          </A>
        </li>
      ))}
      {seen.isMany ? <Room rows={items.length - seen.to} /> : null}
    </ul>
  );
}

/** Which of how many a row is, where not all are drawn. */
export function placeOf(at: number, all: number) {
  return { "aria-posinset": at + 1, "aria-setsize": all };
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
