import type { WhoCanLine } from "@countersign/client";
import type { Command } from "commander";
import { line, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface WhoCanOptions {
  readonly agent?: string;
  readonly environment?: string;
  readonly can?: true;
}

/** Adds `policy who-can`. */
export function policyWhoCan(noun: Command, shell: Shell): void {
  noun
    .command("who-can")
    .description("who can do what, where and why: the engine's own answer for each agent and environment")
    .argument("[tool]", "as `server.tool`; every tool where missing")
    .option("--agent <name>")
    .option("--environment <name>")
    .option("--can", "leave out what is denied")
    .action(async (tool: string | undefined, options: WhoCanOptions) => {
      const { can, ...filter } = options;
      const found = await (await shell.client()).policies.whoCan({
        ...(tool === undefined ? {} : { tool }),
        ...filter,
      });
      const { assumes, answers: all } = found;
      const answers = can === true ? all.filter((one) => one.answer !== "deny") : all;
      const rows =
        answers.length === 0
          ? ["nobody"]
          : table(
              ["agent", "tier", "tool", "verb", "environment", "answer", "why"],
              answers.map((one) => [
                one.agent,
                String(one.tier),
                one.tool,
                one.verb,
                one.production ? `${one.environment} (production)` : one.environment,
                one.answer === "depends" ? "depends on the call" : one.answer,
                whyOf(one),
              ]),
              shell.paint,
            );
      shell.answer({ assumes, answers }, () => [...rows, shell.paint.dim(`answered for ${line(assumes)}`)]);
    });
}

function whyOf(one: WhoCanLine): string {
  const needs = one.requirements.map((requirement) => requirement.sentence).join("; ");
  const by = one.policies.length === 0 ? one.sentence : one.policies.join(", ");
  const depends = one.depends.length === 0 ? "" : `; ${one.depends.join(", ")} looks at the call`;
  const observed = one.observed === undefined ? "" : `only observed, would be ${one.observed}: `;
  const named = one.vetoes.map((veto) => `\`${line(veto)}\``).join(", ");
  const keyless = one.keyless === undefined ? "" : `; ${line(one.keyless)}`;
  const vetoed = one.vetoes.length === 0 ? "" : `; ${vetoWord(one.vetoes)} ${named} is asked then, and may deny it`;
  return `${observed}${needs === "" ? "" : `needs ${needs}: `}${by}${depends}${vetoed}${keyless}`;
}

function vetoWord(vetoes: readonly string[]): string {
  return vetoes.length === 1 ? "veto" : "each of the vetoes";
}
