import { type MouseEvent, type ReactNode, useRef } from "react";
import { useAddress } from "../address.tsx";
import { useKeys } from "../keys.tsx";
import { Room } from "../parts/room.tsx";
import { useWindow } from "../parts/use-window.ts";

/** From this width on a row's detail stands beside the list. */
export const beside = "(min-width: 1024px)";

interface Props<Row> {
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
  readonly to: (row: Row) => string;
  readonly label: string;
  readonly children: (row: Row) => ReactNode;
}

/** Rows that `j` and `k` walk while the detail follows beside them; Enter, or a second click, opens. */
export function Rows<Row>({ rows, idOf, to, label, children }: Props<Row>) {
  const { query, put, go } = useAddress();
  const list = useRef<HTMLUListElement>(null);
  const seen = useWindow(list, rows.length);
  const peek = query.get("peek");
  const at = rows.findIndex((row) => idOf(row) === peek);
  const move = (by: number): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    if (row === undefined) return;
    put({ peek: idOf(row) });
    document.getElementById(`row-${idOf(row)}`)?.focus();
  };
  const open = (): void => {
    const row = rows[at];
    if (row !== undefined) go(to(row));
  };
  useKeys([
    { press: "j", does: "next row", run: () => move(1) },
    { press: "k", does: "row before", run: () => move(-1) },
    { press: "o", does: "open the row (Enter on it, too)", run: open },
  ]);
  const clicked = (event: MouseEvent, row: Row): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (matchMedia(beside).matches && idOf(row) !== peek) put({ peek: idOf(row) });
    else go(to(row));
  };
  return (
    <ul className="rows walk" ref={list} aria-label={label}>
      <Room rows={seen.from} />
      {rows.slice(seen.from, seen.to).map((row, offset) => (
        <li key={idOf(row)} aria-setsize={rows.length} aria-posinset={seen.from + offset + 1}>
          <a
            id={`row-${idOf(row)}`}
            className="row"
            href={to(row)}
            aria-current={idOf(row) === peek ? "true" : undefined}
            onClick={(event) => clicked(event, row)}
          >
            {children(row)}
          </a>
        </li>
      ))}
      <Room rows={rows.length - seen.to} />
    </ul>
  );
}
