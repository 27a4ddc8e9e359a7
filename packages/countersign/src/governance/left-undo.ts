import { stateOf } from "../action/receipt-sql.ts";
import { asPlane } from "./as-plane.ts";
import type { Control } from "./control.ts";
import type { ReversalRow } from "./run-reversal-sql.ts";

export interface LeftUndo {
  readonly deed: string;
  /** It ended as done after all. */
  readonly isDone: boolean;
  /** As `waitsFor` has it; undefined once it ended. */
  readonly open?: { readonly because: "held" | "running" | "unknown"; readonly told: string };
}

/** How the undo stands that was under way when its reversal was given up: nobody notes it, so it is looked at each time. */
export async function leftUndo(
  control: Control,
  { state, about }: Pick<ReversalRow, "state" | "about">,
): Promise<LeftUndo | undefined> {
  if (state !== "given-up" || about === null) return undefined;
  const undo = await control.hall.get(asPlane, about);
  const deed = undo.reverses ?? "";
  const it = `\`${about}\`, the undo of \`${deed}\`,`;
  switch (undo.state) {
    case "done":
      return { deed, isDone: undo.isError !== true || (await stateOf(control.parts.db, deed)) === "reversed" };
    case "reversed":
    case "refused":
    case "failed":
      return { deed, isDone: false };
    case "unknown": {
      const told = `nobody knows whether ${it} happened: somebody has to settle it`;
      return { deed, isDone: false, open: { because: "unknown", told } };
    }
    case "held":
      return { deed, isDone: false, open: { because: "held", told: `${it} was asked for by itself, and still waits` } };
    default:
      return { deed, isDone: false, open: { because: "running", told: `${it} is under way, and is left to end` } };
  }
}
