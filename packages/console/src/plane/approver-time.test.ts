import { expect, it } from "vitest";
import { approverTime } from "./approver-time.ts";

const pace = { days: 30, answers: 12, medianMs: 30_000 };

it("minutes of approver time are counted from measured answers, and never made up", () => {
  expect(approverTime(0, pace)).toBe("no time of approvers");
  expect(approverTime(20, pace)).toBe("about 10 minutes of approvers' time, at 30 s an answer (the median of 12)");
  expect(approverTime(1, pace)).toContain("less than a minute");
  expect(approverTime(5, { ...pace, answers: 0, medianMs: null })).toContain("is not known yet");
});
