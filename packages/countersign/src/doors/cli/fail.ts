import { CountersignProblem } from "@countersign/client";
import { exits, Flaw, type ProblemBody, problems } from "@countersign/contract";
import { asProblem, Problem, problemBody } from "../../floor/problem.ts";
import { sentence, type WorkspaceProblem } from "../../workspace/finding.ts";
import { json, line, type Paint } from "./paint.ts";

/** Ends a command with an exit code after everything was said. */
export class Ended extends Error {
  readonly exit: number;
  constructor(exit: number) {
    super(`exit ${exit}`);
    this.exit = exit;
  }
}

export interface Failure {
  readonly exit: number;
  readonly body: ProblemBody & { readonly faults?: readonly Fault[] };
}

type Fault = Omit<WorkspaceProblem, "path" | "severity"> & { readonly severity: string };

/** What was thrown, as an exit code and a problem. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof CountersignProblem) return { exit: problems[thrown.code].exit, body: thrown.body() };
  if (thrown instanceof Flaw) {
    const broken = new Problem("conflict", thrown.sentence, {
      at: thrown.at,
      help: "keep both checkpoints: they are evidence",
    });
    return { exit: exits.doesNotHold, body: problemBody(broken) };
  }
  const problem = asProblem(thrown);
  return { exit: problems[problem.code].exit, body: problemBody(problem) };
}

/** The same failure, with what helps as it is said here, also of each fault. */
export function withHelp(failure: Failure, said: (help: string) => string): Failure {
  const { body } = failure;
  const help = body.help === undefined ? {} : { help: said(body.help) };
  const faults = body.faults === undefined ? {} : { faults: body.faults.map((one) => faultSaid(one, said)) };
  return { ...failure, body: { ...body, ...help, ...faults } };
}

function faultSaid(fault: Fault, said: (help: string) => string): Fault {
  return { ...fault, message: said(fault.message), ...(fault.help === undefined ? {} : { help: said(fault.help) }) };
}

/** One line for people, and one for each fault of a file; with `--json` the problem itself. */
export function failureText(failure: Failure, asJson: boolean, paint: Paint): string {
  if (asJson) return json(failure.body);
  const { detail, help, at, faults = [] } = failure.body;
  const where =
    at === undefined || at === "" || detail.includes(at) || detail.includes(`\`${at.split("/").at(-1)}\``)
      ? ""
      : ` at ${line(at)}`;
  const remedy = help === undefined ? "" : ` ${paint.dim(`(${line(help)})`)}`;
  const found = faults.map((fault) =>
    line(sentence({ ...fault, path: "", severity: fault.severity === "warning" ? "warning" : "error" })),
  );
  // Said above with its place, and not once more.
  if (found.length > 0) {
    const errors = faults.filter(({ severity }) => severity !== "warning").length;
    const told = errors === 1 ? "there is 1 error" : `there are ${errors} errors`;
    return [...found, `${paint.bad("error:")} ${told}${remedy}`].join("\n");
  }
  return `${paint.bad("error:")} ${line(detail)}${where}${remedy}`;
}
