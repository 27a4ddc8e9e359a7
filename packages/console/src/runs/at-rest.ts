import type { ActionReceipt } from "@countersign/client";

const mostReadings = 5;

interface Readings<Receipt> {
  receipt(): Promise<Receipt>;
  bundle(): Promise<Uint8Array>;
  stepsIn(bundle: Uint8Array): number;
}

/**
 * The receipt and the bundle of one action, of one moment. Between two readings an action can take a step, and then the two
 * would tell of different ones, as if somebody had changed either: they are read again.
 */
export async function atRest<Receipt extends { readonly what: Pick<ActionReceipt["what"], "moves"> }>(
  of: Readings<Receipt>,
): Promise<{ readonly receipt: Receipt; readonly bundle: Uint8Array }> {
  for (let reading = 1; ; reading++) {
    const [receipt, bundle] = await Promise.all([of.receipt(), of.bundle()]);
    if (receipt.what.moves.length === of.stepsIn(bundle) || reading === mostReadings) return { receipt, bundle };
  }
}
