/**
 * Has every copy say the exact moment where the page says `3 min ago`: what is pasted tomorrow is true still. Such a copy is
 * text alone: as markup it would hold what the page does not draw.
 */
export function copyTimes(): () => void {
  document.addEventListener("copy", onCopy);
  return () => document.removeEventListener("copy", onCopy);
}

function onCopy(event: ClipboardEvent): void {
  const selection = document.getSelection();
  const isField = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0 || isField) return;
  if (event.defaultPrevented || event.clipboardData === null) return;
  // A day that heads a row is a day, and no moment.
  const times = [...document.querySelectorAll<HTMLTimeElement>("time[datetime]:not(th *)")];
  const copied = times.filter((time) => selection.containsNode(time, true));
  if (copied.length === 0) return;
  event.clipboardData.setData("text/plain", exactly(selection, copied));
  event.preventDefault();
}

/**
 * The selection as a browser would copy it, with each moment as its exact one. Only a browser knows how a page reads as
 * text, so the page says the moments itself for as long as this takes; nothing is drawn meanwhile.
 */
function exactly(selection: Selection, times: readonly HTMLTimeElement[]): string {
  const range = selection.getRangeAt(0);
  const { startContainer, startOffset, endContainer, endOffset } = range;
  const [first, last] = [
    times.find((time) => time.contains(startContainer)),
    times.find((time) => time.contains(endContainer)),
  ];
  const said = times.flatMap((time) =>
    textsOf(time).map((node, at) => ({ node, was: node.data, is: at === 0 ? time.dateTime : "" })),
  );
  // A piece of a moment is the whole of it: its offsets are lost with its text.
  if (first !== undefined) range.setStartBefore(first);
  if (last !== undefined) range.setEndAfter(last);
  try {
    for (const { node, is } of said) node.data = is;
    return selection.toString();
  } finally {
    for (const { node, was } of said) node.data = was;
    selection.setBaseAndExtent(startContainer, startOffset, endContainer, endOffset);
  }
}

function textsOf(time: HTMLTimeElement): readonly Text[] {
  return [...time.childNodes].filter((node) => node instanceof Text);
}
