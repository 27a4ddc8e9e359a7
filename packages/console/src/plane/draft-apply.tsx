import type { Files } from "@countersign/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useArmed } from "../inbox/use-armed.ts";
import { Send } from "../parts/send.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { Asked } from "./history.tsx";
import { PlanChanges } from "./plan-changes.tsx";

interface Asking {
  readonly files: Files;
  /** The digest of the files in force that these were written over: over others, nothing is asked. */
  readonly expected: string | undefined;
}

/** First the plan of exactly these files, then the asking; a second person signs. */
export function DraftApply({ files, expected }: Asking) {
  const now: Asking = { files, expected };
  const queries = useQueryClient();
  const planned = useMutation({ mutationFn: (asked: Asking) => plane().rules.plan(asked.files) });
  const applied = useMutation({
    mutationFn: (asked: Asking) => plane().rules.apply(asked.files, asked.expected),
    onSuccess: () => void queries.invalidateQueries(),
  });
  const isCurrent = planned.data !== undefined && JSON.stringify(planned.variables) === JSON.stringify(now);
  const isArmed = useArmed(isCurrent ? JSON.stringify(planned.variables) : "");
  return (
    <section aria-label="Put it in force">
      <h2>Put it in force</h2>
      <div className="deeds">
        <Send type="button" isSending={planned.isPending} onClick={() => planned.mutate(now)}>
          Say what would change
        </Send>
      </div>
      {planned.error === null ? null : <Trouble of={planned.error} />}
      {planned.data === undefined ? null : (
        <>
          {isCurrent ? null : <p className="warn">The draft changed since: ask again what would change.</p>}
          <PlanChanges plan={planned.data.plan} />
        </>
      )}
      {applied.error === null ? null : <Trouble of={applied.error} />}
      {applied.data !== undefined ? (
        <Asked done={applied.data} />
      ) : isCurrent ? (
        <div className="deeds">
          <Send type="button" disabled={!isArmed} isSending={applied.isPending} onClick={() => applied.mutate(now)}>
            Ask a second person to sign exactly this
          </Send>
        </div>
      ) : null}
    </section>
  );
}
