/** Has every copy say the exact moment where the page says `3 min ago`: what is pasted tomorrow is true still. */
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
  const { text, html } = exactly(selection, copied);
  event.clipboardData.setData("text/plain", text);
  event.clipboardData.setData("text/html", html);
  event.preventDefault();
}

/**
 * The selection as a browser would copy it, with each moment as its exact one. Only a browser knows how a page reads as
 * text, so the page says the moments itself for as long as this takes; nothing is drawn meanwhile.
 */
function exactly(
  selection: Selection,
  times: readonly HTMLTimeElement[],
): { readonly text: string; readonly html: string } {
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
  for (const { node, is } of said) node.data = is;
  const copied = { text: selection.toString(), html: htmlOf(range) };
  for (const { node, was } of said) node.data = was;
  selection.setBaseAndExtent(startContainer, startOffset, endContainer, endOffset);
  return copied;
}

function textsOf(time: HTMLTimeElement): readonly Text[] {
  return [...time.childNodes].filter((node) => node instanceof Text);
}

/** Rows and items stay what they are only within their table or list. */
function htmlOf(range: Range): string {
  let html: Node = range.cloneContents();
  let around: Node | null = range.commonAncestorContainer;
  while (around instanceof Element && around.matches("table, thead, tbody, tr, ul, ol, dl")) {
    const outer: Node = around.cloneNode(false);
    outer.appendChild(html);
    html = outer;
    around = around.parentNode;
  }
  const box = document.createElement("div");
  box.appendChild(html);
  return box.innerHTML;
}
