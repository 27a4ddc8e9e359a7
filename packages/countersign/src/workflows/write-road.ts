import { roadSentences } from "./road-sentences.ts";
import type { Workflow } from "./workflow.ts";

/** A workflow's rules of the road: exactly two paragraphs, made of what is in force and of nothing else. */
export function writeRoad(workflow: Workflow): readonly [string, string] {
  const said = (paragraph: 0 | 1): string =>
    roadSentences
      .filter((sentence) => sentence.paragraph === paragraph)
      .flatMap((sentence) => sentence.write(workflow))
      .map((sentence) => `${sentence}.`)
      .join(" ");
  return [said(0), said(1)];
}
