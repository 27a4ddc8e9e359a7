import type { NeededWindow } from "../policy/index.ts";
import type { Parts } from "./parts.ts";

/** Under which the calls of one of a window's own counts are kept. */
export function windowKey(
  terms: Parts["terms"],
  { name, per }: Pick<NeededWindow, "name" | "per">,
  scope: string,
): string {
  switch (per) {
    case "workflow":
    case "workspace":
      return name;
    case "agent":
    case "run":
      return `${name}|${scope}`;
    default:
      // It may be a person, or say who one is: the database holds what only this plane can make of it.
      return `${name}|${terms.whole(`\0${per}\0${scope}`)}`;
  }
}
