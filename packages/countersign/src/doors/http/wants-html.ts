/**
 * Whether whoever asks would rather read a page than JSON: a browser that opens an address names `text/html`, a program
 * names JSON or takes anything.
 */
export function wantsHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  // What takes anything takes JSON.
  const weights = new Map(accept.slice(0, 1_000).split(",").map(weighed));
  const html = weights.get("text/html") ?? 0;
  const json = ["application/json", "application/problem+json", "application/*", "*/*"];
  return html > 0 && html >= Math.max(...json.map((type) => weights.get(type) ?? 0));
}

function weighed(range: string): [type: string, weight: number] {
  const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  const value = weight === undefined ? 1 : Number(weight.slice(2));
  return [type, value >= 0 && value <= 1 ? value : 0];
}
