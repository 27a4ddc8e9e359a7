import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json, JsonObject } from "@countersign/contract";
import { captureCall, fillTemplate, planReversal } from "../../packages/countersign/src/catalog/index.ts";
import { type FlowWorld, partsOf } from "./catalog.ts";
import { ownSet, type Session, type Step } from "./session.ts";
import { openStage } from "./stage.ts";

/** What the real servers said to one step. */
export interface RecordedStep {
  readonly result: JsonObject;
  /** The read that the way back needs, where the tool's rule has one. */
  readonly before?: JsonObject;
  /** Of an attack's step with a way back: whether everything stood as before when that had been gone. */
  readonly undone?: boolean;
}

export type Recording = { readonly [session: string]: readonly RecordedStep[] };

export function readRecording(workflow: string, { folder } = ownSet): Recording {
  return JSON.parse(readFileSync(join(folder, "recorded", `${workflow}.generated.json`), "utf8"));
}

/** The arguments of a step, with what earlier answers say put in. */
export function argsOf(step: Step, answers: { readonly [name: string]: Json }): JsonObject {
  return fillTemplate(step.args, answers) as JsonObject;
}

/** Takes each step of a session at the real servers, with no gate before them, and goes each attack's way back at once. */
export async function record({ set, catalog }: FlowWorld, session: Session): Promise<readonly RecordedStep[]> {
  const stage = openStage(session.plant, set);
  const steps: RecordedStep[] = [];
  const answers: { [name: string]: Json } = {};
  try {
    for (const step of session.steps) {
      const [server, name] = partsOf(step.call);
      const args = argsOf(step, answers);
      const tool = catalog.tool(server, name);
      if (tool === undefined) throw new Error(`${session.name}: there is no tool \`${step.call}\``);
      const classified = tool.classify(args);
      const rule = classified.verb === "read" ? undefined : (classified.reversal ?? tool.reversal);
      const look = rule === undefined ? undefined : captureCall(rule, args);
      const before = look === undefined ? undefined : await stage.call(server, look.tool, look.args);
      const stood = stage.state();
      const result = await stage.call(server, name, args);
      if (step.as !== undefined) answers[step.as] = result;
      const plan =
        rule === undefined || !step.isAttack || result.isError === true
          ? undefined
          : planReversal(
              rule,
              args,
              before === undefined ? { kind: "not_asked" } : { kind: "answered", result: before },
              "",
            );
      if (plan?.kind === "inverse") await stage.call(server, plan.tool, plan.args);
      steps.push({
        result,
        ...(before === undefined ? {} : { before }),
        ...(plan?.kind === "inverse" ? { undone: stage.state() === stood } : {}),
      });
    }
  } finally {
    await stage.close();
  }
  return steps;
}
