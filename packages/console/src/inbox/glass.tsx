import type { Glass } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { A } from "../address.tsx";
import { Ago, useTick } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { Save } from "../parts/save.tsx";
import { Send } from "../parts/send.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { glassColumns } from "./columns.ts";
import { useDeed } from "./use-deed.ts";

/** Where somebody answered alone: what nobody has reviewed first, and the way to review it. */
export default function BrokenGlass() {
  useTick(1_000);
  const found = useQuery({
    queryKey: ["glass"],
    queryFn: async () => (await ask<{ readonly glass: readonly Glass[] }>("/v1/glass")).glass,
    refetchInterval: 10_000,
  });
  const [chosen, choose] = useState<string | undefined>(undefined);
  const trouble = found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return trouble;
  if (found.data.length === 0)
    return (
      <>
        {trouble}
        <div className="empty">
          <p>Nobody has broken the glass.</p>
          <p>
            Whom <code>approvals.breakGlass</code> of <code>countersign.yaml</code> names may answer a request alone, in
            place of all whose answers are missing. It stands here until somebody else has reviewed it.
          </p>
        </div>
      </>
    );
  return (
    <>
      {trouble}
      <ul className="rows">
        {found.data.map((one) => (
          <li key={one.id}>
            <div className="row">
              <span className="first">
                <span>
                  Break-glass by {one.by} {one.as}: {one.tool} for {one.agent}
                </span>
                <State of={one} />
              </span>
              <p className="quiet">
                <Ago at={one.at} />, in place of{" "}
                {one.missing.map(({ from, missing }) => `${missing} of ${from}`).join(" and ")} ·{" "}
                <A to={`/actions/${one.action}`}>what was done</A>
              </p>
              {one.reason === undefined ? null : (
                <p>
                  Why: <Said text={one.reason} />
                </p>
              )}
              {one.found === undefined ? null : (
                <p>
                  {one.reviewedBy} found: <Said text={one.found} />
                </p>
              )}
              {one.yours ? <Review id={one.id} isOpen={chosen === one.id} open={() => choose(one.id)} /> : null}
            </div>
          </li>
        ))}
      </ul>
      <Save name="break-glass" columns={glassColumns} rows={found.data} />
    </>
  );
}

function State({ of: { state, reviewBy, reviewedBy = "" } }: { readonly of: Glass }) {
  if (state === "reviewed") return <span>reviewed by {reviewedBy}</span>;
  if (state === "overdue")
    return (
      <strong className="failed">
        overdue: it was to be reviewed <Ago at={reviewBy} />
      </strong>
    );
  return (
    <span>
      to be reviewed <Ago at={reviewBy} />
    </span>
  );
}

function Review({ id, isOpen, open }: { readonly id: string; readonly isOpen: boolean; readonly open: () => void }) {
  const deed = useDeed(`/v1/glass/${id}/review`, () => undefined);
  if (!isOpen)
    return (
      <button type="button" onClick={open}>
        Review it
      </button>
    );
  return (
    <form
      className="bar"
      onSubmit={(event) => {
        event.preventDefault();
        deed.mutate({ found: String(new FormData(event.currentTarget).get("found")) });
      }}
    >
      <label className="grow">
        What you found
        <input name="found" required maxLength={2000} />
      </label>
      <Send type="submit" isSending={deed.isPending}>
        Reviewed
      </Send>
      {deed.error === null ? null : <Trouble of={deed.error} />}
    </form>
  );
}
