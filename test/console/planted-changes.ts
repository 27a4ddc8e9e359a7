import { ana, bo } from "../support/plane.ts";

// biome-ignore lint/suspicious/noExplicitAny: a change may be planted in anything of it
export type AnyMembers = any;

/** A change of a receipt of a write that was asked back about, replied to and approved by Bo; by the member that it is found in. */
export const plantedChanges: readonly (readonly [pointer: string, plant: (receipt: AnyMembers) => void])[] = [
  ["/state", (receipt) => Object.assign(receipt, { state: "refused" })],
  ["/what/agent", ({ what }) => Object.assign(what, { agent: "another" })],
  ["/what/moves", ({ what }) => Object.assign(what.moves[1], { person: ana })],
  ["/what/args", ({ what }) => Object.assign(what.args, { content: "Another page.\n" })],
  ["/what/environment", ({ what }) => Object.assign(what, { environment: "elsewhere" })],
  ["/what/dri", ({ what }) => Object.assign(what, { dri: bo })],
  ["/what/isError", ({ what }) => delete what.isError],
  ["/what/target", ({ what }) => Object.assign(what, { target: "elsewhere.md" })],
  ["/what/callDigest", ({ what }) => Object.assign(what, { callDigest: `sha256:${"0".repeat(64)}` })],
  ["/what/result", ({ what }) => delete what.result],
  ["/what/questions", ({ what }) => Object.assign(what.questions[0], { reply: "as you like" })],
  ["/checks", ({ checks }) => Object.assign(checks[0], { verdict: "fail" })],
  ["/approvals/answers", ({ approvals }) => Object.assign(approvals.answers[0], { person: ana })],
  ["/policy/effect", ({ policy }) => Object.assign(policy, { effect: "deny" })],
];
