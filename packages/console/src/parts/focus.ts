/** Whether the keyboard's place is gone: with what had it, or with what is hidden now. */
export function isFocusLost(): boolean {
  const at = document.activeElement;
  return at === null || at === document.body || !at.checkVisibility();
}
