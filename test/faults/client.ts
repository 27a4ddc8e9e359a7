import { setTimeout as sleep } from "node:timers/promises";
import type { OpenHall, Submission } from "../../packages/countersign/src/action/index.ts";
import {
  type AnswerRequest,
  answer,
  type Control,
  showApproval,
} from "../../packages/countersign/src/governance/index.ts";
import type { Caller, PersonCaller } from "../../packages/countersign/src/identity/caller.ts";
import type { Ack } from "./audit.ts";
import { ana } from "./workspace.ts";

/** How long anything is waited for. Where a bug was planted what it breaks may never come, and it need not be waited for long. */
export const patienceMs = process.env.FAULTS_BUG === undefined ? 90_000 : 20_000;

/**
 * An agent that never gives up: where it got no answer it sends the same call again, to a replica that lives, as the
 * protocol tells clients to, and where it is told that nothing happened it asks anew. Whoever is asked, agrees.
 */
export async function pursue(
  first: Pick<OpenHall, "submit"> | undefined,
  { hall: then, control }: { readonly hall: OpenHall; readonly control: Control },
  caller: Caller,
  submission: Submission,
  acks: Ack[],
): Promise<string> {
  const marker = String(submission.args.marker);
  const end = performance.now() + patienceMs;
  let hall: Pick<OpenHall, "submit"> | undefined = first;
  while (performance.now() < end) {
    const asked = hall ?? then;
    hall = undefined;
    const view = await asked.submit(caller, submission, { waitMs: 200 }).then(
      (submitted) => submitted.view,
      () => undefined,
    );
    if (view !== undefined) acks.push({ action: view.id, marker, state: view.state });
    if (view?.state === "done" || view?.state === "refused") return view.state;
    if (view?.state === "held") await approve(control, view.id);
    if (view?.state === "failed") {
      if (submission.idempotencyKey !== undefined) return view.state;
      then.delivered(view);
    }
    await sleep(60);
  }
  return "gave up";
}

/** A person looks at what waits, and answers what they were shown. */
export async function lookAndAnswer(
  control: Control,
  person: PersonCaller,
  said: Pick<AnswerRequest, "action" | "verdict" | "reason">,
): Promise<void> {
  const { callDigest, shownDigest = "" } = await showApproval(control, person, said.action);
  await answer(control, person, { ...said, callDigest, shownDigest });
}

/** A person who answers as soon as there is a question. */
export async function approve(control: Control, action: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const open = await control.hall.open(action).catch(() => undefined);
    if (open?.state === "held" && open.requirements.length > 0) {
      const taken = await lookAndAnswer(control, ana, { action, verdict: "approve", reason: "fine" }).then(
        () => true,
        () => false,
      );
      if (taken) return;
    } else if (open === undefined || open.state !== "held") {
      const state = await control.parts.db
        .query<{ to_state: string }>("select to_state from entry where subject = $1 order by step desc limit 1", [
          action,
        ])
        .then(
          ({ rows }) => rows[0]?.to_state,
          () => undefined,
        );
      if (state !== undefined && state !== "held") return;
    }
    await sleep(50);
  }
}
