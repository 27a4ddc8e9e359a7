import type { FlowFacts, ReadByRun } from "@countersign/contract";
import { flowSentence } from "../policy/index.ts";

/** What a run had read when its call was decided, for people. */
export function readByRun(flow: FlowFacts): ReadByRun {
  const { effect, tainted = false, sources = [], read = [], destinations = {} } = flow;
  const sentence = flowSentence(flow) ?? (read.length === 0 ? "its run has read nothing of others" : readText(read));
  return { sentence, effect, tainted, sources, read, destinations };
}

function readText(read: ReadByRun["read"]): string {
  return `its run has read what is ${read.join(" and ")}, and nothing that others write`;
}
