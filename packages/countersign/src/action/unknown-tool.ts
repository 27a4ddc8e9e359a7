import { canonical, type Json } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { Caller } from "../identity/caller.ts";
import { SubjectKey } from "../ledger/seal.ts";
import type { Parts } from "./parts.ts";
import type { Submission } from "./submission.ts";

/** A tool that nobody knows is refused with a receipt, and answered as any name that does not exist. */
export async function unknownTool(parts: Parts, caller: Caller, submission: Submission): Promise<never> {
  const id = newId("act", parts.clock.now());
  const key = new SubjectKey(id);
  const args = parts.checking.redact(submission.args as Json).value;
  // A name that nobody reviewed is the agent's own words, screened before a cut could hide what they are.
  const [server, tool] = [clean(parts, submission.server), clean(parts, submission.tool)];
  const name = `${server}.${tool}`.slice(0, 200);
  const sealed = key.seal({
    subject: id,
    step: 0,
    kind: "refused",
    from: "received",
    to: "refused",
    agent: caller.agent,
    workflow: caller.workflow,
    tool: printable(name),
    payload: {
      call: {
        server,
        tool,
        method: submission.method,
        door: submission.door,
        args,
        argsDigest: digestText(canonical(submission.args)),
        owner: caller.owner,
        dri: caller.dri,
        tier: caller.tier,
        credential: caller.credential,
        ...(caller.workload === undefined ? {} : { workload: { ...caller.workload } }),
        ...(caller.onBehalfOf === undefined ? {} : { onBehalfOf: caller.onBehalfOf }),
      },
      refusal: "tool",
      sentence: `refused: there is no tool \`${name}\``,
    },
  });
  await parts.ledger.append({ sealed: [sealed], keys: [{ subject: id, wrapped: key.wrapped(parts.wrap) }] });
  parts.tally.moved("refused", "execute");
  throw new Problem("not_found", `there is no tool \`${printable(name)}\` for this agent`, {
    help: `list the tools first; the receipt of this refusal is ${id}`,
  });
}

function clean(parts: Parts, name: string): string {
  return String(parts.checking.redact(name).value);
}

/** What may stand in clear in a leaf or a message: no control characters, no lone surrogates. */
export function printable(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Cf}]/gu, "\u{fffd}");
}
