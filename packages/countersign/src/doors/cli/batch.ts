import type { Batch } from "@countersign/client";
import type { Command } from "commander";
import { Problem } from "../../floor/problem.ts";
import { approvalLines } from "./approval-lines.ts";
import { type LookOptions, sure } from "./look-at.ts";
import { line } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface BatchOptions extends Pick<LookOptions, "yes"> {
  readonly reason?: string;
}

/** Adds `approvals batches` and `batch`. */
export function batch(noun: Command, shell: Shell): void {
  noun
    .command("batches")
    .description("what may be answered together")
    .action(async () => {
      const found = await (await shell.client()).approvals.batches();
      const { batches, unlooked } = found;
      shell.answer(found, () => [
        ...(batches.length === 0 ? ["nothing is alike enough to be answered together"] : batches.flatMap(batchLines)),
        ...(unlooked === 0 ? [] : [`${unlooked} more that may be alike were not opened to be compared`]),
      ]);
    });
  noun
    .command("batch")
    .description("answer several that are alike; some of them have to be opened one by one first")
    .argument("<verdict>", "`approve` or `deny`")
    .argument("<actions...>", "2 to 20, of one of `approvals batches`")
    .option("--reason <text>", "why; a denial needs it")
    .option("--yes", "do not ask again")
    .action((verdict: string, ids: readonly string[], options: BatchOptions) => answer(shell, verdict, ids, options));
}

async function answer(shell: Shell, verdict: string, ids: readonly string[], options: BatchOptions): Promise<void> {
  if (verdict !== "approve" && verdict !== "deny") throw new Problem("invalid", "the verdict is `approve` or `deny`");
  const client = await shell.client();
  const listed = (await client.approvals.batches()).batches.flatMap(({ items }) => items);
  const items = ids.map((id) => {
    const item = listed.find((one) => one.id === id);
    if (item?.shownDigest === undefined)
      throw new Problem("conflict", `\`${line(id, 60)}\` is in no batch now`, {
        help: "`countersign approvals batches` lists what is",
      });
    return { ...item, shownDigest: item.shownDigest };
  });
  await sure(shell, () => items.flatMap((item) => approvalLines(shell, item)), `${verdict} all of these`, options);
  const done = await client.approvals.answerBatch({
    verdict,
    reason: options.reason ?? "",
    items: items.map(({ id, callDigest, shownDigest }) => ({ id, callDigest, shownDigest })),
  });
  shell.answer(done, () => [
    ...done.answered.map(({ id, notCounted }) =>
      notCounted === undefined
        ? `${verdict === "approve" ? "approved" : "denied"} ${id}`
        : shell.paint.warn(`your approval of ${id} is recorded and does not count: ${line(notCounted)}`),
    ),
    ...done.left.map(({ id, because }) => shell.paint.warn(`left out ${id}: ${line(because)}`)),
  ]);
}

function batchLines(batch: Batch): readonly string[] {
  const { environment, items, more, paths, risk, sample, server, shape, tool, workflow } = batch;
  return [
    `${line(`${server}.${tool}`)} (${line(environment)}) in ${line(workflow)}, with ${line(paths.join(" "))}: open ${sample} of them by themselves`,
    `  each: ${line(shape.join("; "))}${risk.length === 0 ? "" : `; risk: ${line(risk.join(", "))}`}`,
    ...items.map(
      ({ id, agent, opened, target }) => `  ${id}  ${line(agent)} on ${line(target)}${opened ? "  (opened)" : ""}`,
    ),
    ...(more === 0 ? [] : [`  and ${more} more`]),
  ];
}
