import { type RefObject, useEffect } from "react";
import { useAddress } from "../address.tsx";
import { isFocusLost } from "../parts/focus.ts";

/**
 * Where a key or an answer led to a request, the keyboard goes on at its beginning, and that is read out; a link that was
 * followed keeps the focus while it can be seen. Where the request ended, it is at what says so.
 */
export function useStart(
  pane: RefObject<HTMLElement | null>,
  { id, isThere, isGone }: { readonly id: string; readonly isThere: boolean; readonly isGone: boolean },
): void {
  const { parts, by } = useAddress();
  const isNamed = parts[1] === id;
  useEffect(() => {
    const isMoved = by !== "opening";
    const at = document.activeElement;
    const focus = (what: string): void =>
      pane.current?.querySelector<HTMLElement>(what)?.focus({ preventScroll: true });
    if (isGone) {
      if ((isThere || isMoved) && (isFocusLost() || pane.current?.contains(at) === true)) focus(".ended");
    } else if (isThere && isNamed && isMoved && (isFocusLost() || (by === "deed" && !isField(at)))) focus("h2");
  }, [pane, isThere, isGone, isNamed, by]);
}

function isField(at: Element | null): boolean {
  return at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement;
}
