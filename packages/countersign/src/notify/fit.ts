/** Cut to at most `most` characters after each went through `as`; that something is missing is said in the text. */
export function fit(text: string, most: number, as: (one: string) => string = (one) => one): string {
  const whole = as(text);
  if (whole.length <= most) return whole;
  const end = " … (cut)";
  let kept = "";
  for (const one of text) {
    const next = as(one);
    if (kept.length + next.length + end.length > most) break;
    kept += next;
  }
  return `${kept}${end}`;
}
