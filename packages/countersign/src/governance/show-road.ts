import { createHash } from "node:crypto";
import { digestText } from "../floor/digest.ts";
import { Problem } from "../floor/problem.ts";
import { type Answering, answering, dayOf, writeRoad } from "../workflows/index.ts";
import type { Control } from "./control.ts";
import { type RuleBinding, ruleBindings } from "./rule-bindings.ts";
import { latestWorkspace } from "./sql.ts";

/** A workflow's rules of the road with the file that they are made of, as it is in force. */
export interface ShownRoad {
  readonly workflow: string;
  readonly paragraphs: readonly [string, string];
  readonly file: string;
  readonly text: string;
  readonly digest: string;
  /** As Git names these bytes. */
  readonly blob: string;
  readonly inForce: {
    readonly revision: number;
    readonly digest: string;
    readonly by: string;
    readonly at: string;
    readonly signedBy: string | null;
  };
  readonly answering: readonly Answering[];
  readonly rules: readonly Omit<RuleBinding, "workflow" | "file" | "line">[];
}

export async function showRoad(control: Control, name: string): Promise<ShownRoad> {
  const { workspace, policies, files } = control.keeper.loaded();
  const workflow = workspace?.workflows.find((one) => one.name === name);
  const row = await latestWorkspace(control.parts.db);
  if (workspace === undefined || workflow === undefined || row === undefined)
    throw new Problem("not_found", `there is no workflow \`${name.slice(0, 100)}\` in force`);
  const file = `workflows/${name}.yaml`;
  const text = files[file] ?? "";
  const rules = ruleBindings(workspace, policies, files).filter((one) => one.workflow === name);
  return {
    workflow: name,
    paragraphs: writeRoad(workflow),
    file,
    text,
    digest: digestText(text),
    blob: gitBlob(text),
    inForce: {
      revision: row.revision,
      digest: row.digest,
      by: row.applied_by,
      at: row.applied_at,
      signedBy: row.signed_by,
    },
    answering: answering(workflow, dayOf(control.parts.ledger.now())),
    rules: rules.map(({ rule, by, state, why, stated }) => ({ rule, by, state, why, stated })),
  };
}

/** https://git-scm.com/book/en/v2/Git-Internals-Git-Objects: it names the file to Git, and protects nothing. */
function gitBlob(text: string): string {
  const bytes = Buffer.from(text);
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
