import type { Approval, ApprovalLine } from "@countersign/client";

export type Line = ApprovalLine;
/** What an approver is shown. */
export type Request = Approval;
type Known = Extract<NonNullable<Approval["effect"]>, { readonly known: true }>;
export type Change = Known["changes"][number];
