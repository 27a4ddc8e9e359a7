import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { readSubject } from "../ledger/read.ts";
import { dropLease, fenceExpired, unsettledIntents } from "../ledger/sql.ts";
import { openAlert } from "./alert-sql.ts";
import { dropOpen, putOpen } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { recordsOf } from "./stored-record.ts";

/**
 * Takes over what a dead replica had open: an intent without an outcome may have reached the upstream, so it is
 * `unknown`, and nothing is sent again. Held and ready actions need nothing: their leases run out by themselves.
 */
export async function recover(parts: Parts): Promise<number> {
  const fenced = await parts.db.transaction((tx) => fenceExpired(tx));
  let count = 0;
  for (const { writer, settled_seq } of fenced) {
    for (const intent of await unsettledIntents(parts.db, writer, settled_seq)) {
      if (await markUnknown(parts, intent)) count++;
    }
    await dropLease(parts.db, writer);
    parts.log.warn({ writer, unknown: count }, "took over from a replica whose lease ran out");
  }
  return count;
}

async function markUnknown(
  parts: Parts,
  intent: Awaited<ReturnType<typeof unsettledIntents>>[number],
): Promise<boolean> {
  const subject = await readSubject(parts.db, intent.subject, parts.wrap);
  const first = recordsOf(subject)[0];
  if (subject.key === null) return false;
  const reason = "the replica that sent it died before an answer was recorded";
  const sealed = subject.key.seal({
    subject: intent.subject,
    step: intent.step + 1,
    kind: "unknown",
    from: "running",
    to: "unknown",
    agent: intent.agent,
    workflow: intent.workflow,
    tool: intent.tool,
    run: intent.run,
    payload: { kind: "lost", reason },
  });
  const call = first?.call;
  try {
    await parts.ledger.append({
      sealed: [sealed],
      within: async (tx) => {
        if (call?.verb === "read") return dropOpen(tx, intent.subject);
        await putOpen(tx, {
          id: intent.subject,
          state: "unknown",
          step: intent.step + 1,
          agent: intent.agent,
          workflow: intent.workflow,
          run: intent.run,
          server: call?.server ?? "",
          tool: call?.tool ?? intent.tool,
          system: call?.system ?? "",
          verb: call?.verb ?? "execute",
          target: call?.target ?? "",
          environment: call?.environment ?? "",
          callDigest: call?.callDigest ?? "",
          requirements: [],
          sentence: `did it happen? ${reason}`,
        });
        await openAlert(
          tx,
          newId("gov", parts.clock.now()),
          "unknown",
          intent.subject,
          `the outcome of ${intent.tool} is unknown`,
        );
      },
    });
    parts.tally.moved("unknown", call?.verb ?? "execute");
    parts.watch.moved(intent.subject);
    return true;
  } catch (thrown) {
    // Its own replica was faster with the outcome: then it is not unknown.
    if (thrown instanceof Problem && thrown.code === "conflict") return false;
    throw thrown;
  }
}
