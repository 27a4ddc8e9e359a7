import { newId } from "../floor/id.ts";
import { SubjectKey } from "../ledger/seal.ts";
import type { Parts } from "./parts.ts";
import { printable } from "./unknown-tool.ts";

/** A call whose caller nobody knows. What it asked for is not looked at. */
export interface RefusedCaller {
  readonly door: "mcp" | "http";
  readonly method: string;
  readonly path: string;
  /** Network address that it came from. */
  readonly source: string;
  /** True where it brought credentials that were not valid. */
  readonly presented: boolean;
  /** How many further calls this receipt stands for. */
  readonly more?: number;
}

/** Records that a call without an identity was refused; the id of its receipt. */
export async function refuseCaller(parts: Parts, refused: RefusedCaller): Promise<string> {
  const id = newId("act", parts.clock.now());
  const key = new SubjectKey(id);
  const { more, ...call } = refused;
  const what = refused.presented ? "its credentials are not valid" : "it brought no credentials";
  const count = more === undefined ? "a call" : `${more} calls`;
  const sealed = key.seal({
    subject: id,
    step: 0,
    kind: "refused",
    from: "received",
    to: "refused",
    payload: {
      caller: { ...call, path: printable(call.path.slice(0, 300)), source: printable(call.source.slice(0, 64)) },
      refusal: "caller",
      sentence: `refused: ${count} to \`${printable(call.path.slice(0, 100))}\`: ${what}`,
    },
  });
  await parts.ledger.append({ sealed: [sealed], keys: [{ subject: id, wrapped: key.wrapped(parts.wrap) }] });
  parts.tally.moved("refused", "execute");
  return id;
}
