import type { Control } from "./control.ts";
import { medianDwell } from "./sql.ts";

/** How long people looked before they answered, in the last days. */
export function approverPace(
  { parts }: Pick<Control, "parts">,
  days: number,
): Promise<{ readonly answers: number; readonly medianMs: number | null }> {
  return medianDwell(parts.db, days);
}
