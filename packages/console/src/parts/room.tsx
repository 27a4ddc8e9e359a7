import { rowPx } from "./use-window.ts";

/** The room of rows that are not drawn, above or below those that are. */
export function Room({ rows }: { readonly rows: number }) {
  return <li aria-hidden="true" className="room" style={{ height: rows * rowPx }} />;
}
