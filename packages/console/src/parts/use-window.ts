import { type RefObject, useEffect, useState } from "react";
import { mostDrawn, type Span, seenRows } from "../runs/window.ts";

/** As `.walk > li` of runs.css has it. */
export const rowPx = 52;

export interface Window extends Span {
  /** Rows have one height, and those that cannot be seen are not drawn. */
  readonly isMany: boolean;
  /** Scrolls to a row by its place, drawn or not; a drawn one no further than has to be. */
  bring(at: number): void;
}

/** Which rows of a list can be seen, as the page or whatever holds the list is scrolled. */
export function useWindow(list: RefObject<HTMLElement | null>, count: number): Window {
  const [span, setSpan] = useState(() => seenRows(count, rowPx, 0, innerHeight));
  useEffect(() => {
    const look = (): void => {
      const top = list.current?.getBoundingClientRect().top ?? 0;
      const next = seenRows(count, rowPx, -top, innerHeight);
      setSpan((now) => (now.from === next.from && now.to === next.to ? now : next));
    };
    look();
    addEventListener("scroll", look, { passive: true, capture: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look, { capture: true });
      removeEventListener("resize", look);
    };
  }, [list, count]);
  const isMany = count > mostDrawn;
  const [from, to] = isMany ? [Math.min(span.from, count), Math.min(span.to, count)] : [0, count];
  return {
    from,
    to,
    isMany,
    bring(at) {
      const row = list.current?.children[at - from + (isMany ? 1 : 0)];
      if (at >= from && at < to && row !== undefined) row.scrollIntoView({ block: "nearest" });
      else scrollBy({ top: (list.current?.getBoundingClientRect().top ?? 0) + at * rowPx - innerHeight / 2 });
    },
  };
}
