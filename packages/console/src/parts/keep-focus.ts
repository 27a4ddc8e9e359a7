import { useEffect } from "react";
import { isAtStandIn, isFocusLost, standIn } from "./focus.ts";

interface Place {
  readonly parent: Element;
  readonly at: number;
}

/** What may stand in for something that was within it, from the nearest on. */
const parts = "dialog[open], li, article, section, form, details, nav, main";

/**
 * Whatever had the keyboard's place and is taken away, by what its reader did or by news, leaves it near: at the row that
 * came to its place, or at the part of the page that it was in; never at the beginning of the page. No button gets it so:
 * whoever presses twice does nothing that they did not look at.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let path: readonly Place[] = [];
    let due: number | undefined;
    const came = ({ target }: FocusEvent): void => {
      if (target instanceof Element && !isAtStandIn()) path = pathOf(target);
    };
    const left = ({ target, relatedTarget }: FocusEvent): void => {
      if (relatedTarget !== null || !(target instanceof Element)) return;
      // What is taken away is told to be left just before; whoever goes away from what stays there meant to.
      queueMicrotask(() => {
        if (mayHaveFocus(target) && document.activeElement !== target) path = [];
      });
    };
    // What a page does of its own accord comes first: this is for what it leaves open.
    const look = (): void => {
      if (path.length === 0 || !isFocusLost() || isAtStandIn()) return;
      due ??= requestAnimationFrame(() => setTimeout(settle));
    };
    const settle = (): void => {
      due = undefined;
      if (path.length === 0 || !isFocusLost() || isAtStandIn()) return;
      const from = path.find(({ parent }) => parent.isConnected && parent.checkVisibility());
      path = [];
      if (from === undefined) return;
      const row = rowAt(from);
      if (row !== undefined) row.focus({ preventScroll: true });
      else standIn(from.parent.closest<HTMLElement>(parts) ?? document.getElementById("page"));
    };
    const changes = new MutationObserver(look);
    changes.observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled", "open", "hidden"] });
    addEventListener("focusin", came);
    addEventListener("focusout", left);
    return () => {
      changes.disconnect();
      if (due !== undefined) cancelAnimationFrame(due);
      removeEventListener("focusin", came);
      removeEventListener("focusout", left);
    };
  }, []);
}

function mayHaveFocus(one: Element): boolean {
  return one.isConnected && one.checkVisibility() && !one.matches(":disabled");
}

function pathOf(target: Element): readonly Place[] {
  const path: Place[] = [];
  for (let one = target; one.parentElement !== null && one !== document.body; one = one.parentElement)
    path.push({ parent: one.parentElement, at: placesIn(one.parentElement).indexOf(one) });
  return path;
}

function placesIn(parent: Element): readonly Element[] {
  return [...parent.children].filter((one) => !one.matches(".room"));
}

/** Where only some rows are drawn, a place among them is that of another row once the list moves. */
function rowAt({ parent, at }: Place): HTMLElement | undefined {
  if (!parent.matches("ul.rows") || parent.querySelector(":scope > .room") !== null) return undefined;
  const rows = [...parent.querySelectorAll<HTMLElement>(":scope > li > a.row")];
  return rows[Math.min(at, rows.length - 1)];
}
