import type { ActionReceipt } from "@countersign/client";
import type { ReactNode } from "react";
import { Approvals } from "./question-approvals.tsx";
import { Checks } from "./question-checks.tsx";
import { Data } from "./question-data.tsx";
import { Policy } from "./question-policy.tsx";
import { Reversal } from "./question-reversal.tsx";
import { What } from "./question-what.tsx";

/** The six questions in order, each with its evidence folded beneath. `why` draws the reason of the decision. */
export function Six({ receipt, why }: { readonly receipt: ActionReceipt; readonly why: ReactNode }) {
  return (
    <>
      <What receipt={receipt} />
      <Data receipt={receipt} />
      <Policy receipt={receipt} why={why} />
      <Checks receipt={receipt} />
      <Approvals receipt={receipt} />
      <Reversal receipt={receipt} />
    </>
  );
}
