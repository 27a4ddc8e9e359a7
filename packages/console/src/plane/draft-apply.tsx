import type { Files } from "@countersign/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useArmed } from "../inbox/use-armed.ts";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { Asked } from "./history.tsx";
import { PlanChanges } from "./plan-changes.tsx";

/** First the plan of exactly these files, then the asking; a second person signs. */
export function DraftApply({ files, expected }: { readonly files: Files; readonly expected: string | undefined }) {
  const queries = useQueryClient();
  const planned = useMutation({ mutationFn: (now: Files) => plane().rules.plan(now) });
  const applied = useMutation({
    mutationFn: (now: Files) => plane().rules.apply(now, expected),
    onSuccess: () => void queries.invalidateQueries(),
  });
  const isCurrent = planned.data !== undefined && JSON.stringify(planned.variables) === JSON.stringify(files);
  const isArmed = useArmed(isCurrent ? JSON.stringify(planned.variables) : "");
  return (
    <section aria-label="Put it in force">
      <h2>Put it in force</h2>
      <div className="deeds">
        <button type="button" disabled={planned.isPending} onClick={() => planned.mutate(files)}>
          Say what would change
        </button>
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
          <button type="button" disabled={!isArmed || applied.isPending} onClick={() => applied.mutate(files)}>
            Ask a second person to sign exactly this
          </button>
        </div>
      ) : null}
    </section>
  );
}
