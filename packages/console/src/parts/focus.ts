const mark = "data-stand-in";

/** Whether the keyboard's place is gone: with what had it, or with what is hidden now. What only stands in for it gives it up. */
export function isFocusLost(): boolean {
  const at = document.activeElement;
  return at === null || at === document.body || !at.checkVisibility() || isAtStandIn();
}

export function isAtStandIn(): boolean {
  return document.activeElement?.hasAttribute(mark) === true;
}

/** Gives the keyboard's place to a part of the page that takes none by itself, until it goes on. */
export function standIn(part: HTMLElement | null): void {
  if (part === null) return;
  const isOwn = part.hasAttribute("tabindex");
  if (!isOwn) part.tabIndex = -1;
  part.setAttribute(mark, "");
  const leave = (): void => {
    part.removeAttribute(mark);
    if (!isOwn) part.removeAttribute("tabindex");
  };
  part.addEventListener("blur", leave, { once: true });
  part.focus({ preventScroll: true });
}
