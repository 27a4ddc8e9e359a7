import type { Receipt } from "./receipt.ts";

/** What was erased is not known any more, which is not the same as that it was not. */
export function withoutContent(receipt: Receipt): Receipt {
  const { data: read, policy, approvals, reversal } = receipt;
  const { flow: _, ...data } = read;
  return {
    ...receipt,
    data: { ...data, direction: "none", resources: [], withheld: "what it touched was erased" },
    policy: { ...policy, effect: "erased", sentence: "what was decided, and by which rules, was erased" },
    approvals: { ...approvals, sentence: "who answered stands in the steps; what they were asked and said was erased" },
    reversal: { ...reversal, sentence: "what was captured to reverse it was erased" },
  };
}
