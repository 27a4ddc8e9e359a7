import type { ApproverPace } from "@countersign/client";

/** What newly asked requests cost of people's time, at the pace at which they answered lately. */
export function approverTime(asked: number, { medianMs, answers }: ApproverPace): string {
  if (asked === 0) return "no time of approvers";
  if (medianMs === null) return `${asked} more answers by people; how long one takes is not known yet`;
  const minutes = (asked * medianMs) / 60_000;
  const length = minutes < 1 ? "less than a minute" : `about ${Math.round(minutes).toLocaleString("en")} minutes`;
  return `${length} of approvers' time, at ${Math.max(1, Math.round(medianMs / 1_000))} s an answer (the median of ${answers})`;
}
