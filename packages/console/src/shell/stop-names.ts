import { nearest } from "../runs/nearest.ts";

export type Named = "agent" | "workflow" | "tool" | "system";

/** What can be stopped by name; a whole server's tools by the server's. */
export type StopNames = { readonly [scope in Named]: readonly string[] };

/** Why a stop would meet nothing of that name; undefined where it is known, or nobody knows the names: then the server says. */
export function nameFault(scope: Named, name: string, names: StopNames | undefined): string | undefined {
  if (names === undefined || names[scope].includes(name)) return undefined;
  const none = `There is no ${scope} ${name === "" ? "without a name" : name}. Nothing was stopped.`;
  const near = nearest(name, names[scope]);
  if (near !== undefined) return `${none} Did you mean ${near}?`;
  return `${none} Choose one of the ${names[scope].length} that there are, or stop everything where in doubt.`;
}
