import { readFileSync, writeFileSync } from "node:fs";
import { type Figure, isMet } from "./figure.ts";

export interface Machine {
  readonly at: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly loadBefore: number;
  readonly seconds: number;
}

const verdicts = { true: "met", false: "**missed**", undefined: "" } as const;

export function lineOf(figure: Figure): string {
  const target = figure.target === undefined ? "" : `, ${figure.target.is} ${figure.target.value}`;
  const verdict = isMet(figure) === false ? "  MISSED" : "";
  return `${figure.name}: ${figure.value} ${figure.unit}${target}${verdict}`;
}

/** The table as Markdown. */
export function tableOf(machine: Machine, figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, value, unit, target, note = "" } = figure;
    const asked = target === undefined ? "" : `${target.is} ${target.value}`;
    return `| ${name} | ${value} ${unit} | ${asked} | ${verdicts[`${isMet(figure)}`]} | ${note} |`;
  });
  return [
    `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}; ${machine.at}; load before: ${machine.loadBefore}; it took ${machine.seconds} s.`,
    "",
    "| what | measured | promised | | how |",
    "| --- | --: | --: | --- | --- |",
    ...rows,
  ].join("\n");
}

const begin = "<!-- figures -->";
const end = "<!-- /figures -->";

/** Puts the table between the two marks of a page. */
export function writeInto(file: string, table: string): void {
  const text = readFileSync(file, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`\`${file}\` has no place for figures`);
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`);
}
