import type { Tx } from "../db/db.ts";
import type { Workflow } from "./workflow.ts";

/** Who answers for the workflows in force: the database holds each to one DRI, a deputy who is another, and covers of their own. */
export async function putAnswering(
  tx: Tx,
  workflows: readonly Pick<Workflow, "name" | "dri" | "deputy" | "cover">[],
): Promise<void> {
  await tx.query("delete from workflow_dri");
  await tx.query(
    `insert into workflow_dri (workflow, dri, deputy)
     select workflow, dri, deputy from jsonb_to_recordset($1::jsonb) as one (workflow text, dri text, deputy text)`,
    [JSON.stringify(workflows.map(({ name: workflow, dri, deputy = null }) => ({ workflow, dri, deputy })))],
  );
  const covers = workflows.flatMap(({ name: workflow, cover }) => cover.map((one) => ({ workflow, ...one })));
  await tx.query(
    `insert into workflow_cover (workflow, person, starts_on, ends_on)
     select workflow, person, "from", "to" from jsonb_to_recordset($1::jsonb) as one (workflow text, person text, "from" date, "to" date)`,
    [JSON.stringify(covers)],
  );
}
