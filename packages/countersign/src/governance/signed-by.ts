import type { OpenAction, Showing } from "../action/index.ts";
import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { countUse, type Hands, handsOf, type PersonCaller, readSignature, siteOf } from "../identity/index.ts";
import type { AnswerRequest } from "./answer.ts";
import type { Control } from "./control.ts";

/** An approval that a passkey signed. */
export interface Signed {
  /** Whoever let this person in when the passkey was registered may hold it: they are behind the answer, too. */
  readonly hands: Hands;
  readonly proof: Awaited<ReturnType<typeof readSignature>>["proof"] & { readonly id: string };
  /** Counts the use, in the answer's transaction. */
  readonly alongside: (tx: Tx) => Promise<void>;
}

export interface SignedRequest extends Pick<AnswerRequest, "assertion" | "publicUrl" | "shownDigest"> {
  /** What it says: a yes that stands alone, and not one among others. */
  readonly breaksGlass?: true;
}

/** The signature that came with an approval; undefined where none did. */
export async function signedBy(
  control: Control,
  person: PersonCaller,
  open: OpenAction,
  { assertion, publicUrl, shownDigest, breaksGlass }: SignedRequest,
  { nonce }: Showing,
): Promise<Signed | undefined> {
  if (assertion === undefined || publicUrl === undefined) return undefined;
  if (nonce === null)
    throw new Problem("conflict", "this signature was used already", { help: "look at it again before you answer" });
  const { db, clock } = control.parts;
  const alone = breaksGlass === true ? ({ verdict: "break-glass" } as const) : {};
  const bound = { action: open.id, callDigest: open.callDigest, shownDigest, person: person.email, nonce, ...alone };
  const { passkey, proof, counter } = await readSignature(db, assertion, bound, siteOf(publicUrl));
  const mine = handsOf(person);
  const vouchedBy = [...new Set([...mine.vouchedBy, ...passkey.vouchedBy])].sort();
  return {
    hands: { ...mine, vouchedBy },
    proof: { ...proof, id: passkey.id },
    async alongside(tx) {
      if (!(await countUse(tx, passkey.id, counter, clock.now())))
        throw new Problem("conflict", "the passkey was removed, or signed something else meanwhile", {
          help: "nothing was approved",
        });
    },
  };
}
