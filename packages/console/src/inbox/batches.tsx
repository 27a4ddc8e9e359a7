import type { Batch, Batched } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { A } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { EffectPart } from "./effect-part.tsx";
import { useArmed } from "./use-armed.ts";
import { useDeed } from "./use-deed.ts";

/** Requests of one tool, one class of target and one shape, answered together once a sample of them was opened. */
export default function Batches() {
  const found = useQuery({
    queryKey: ["approvals", "batches"],
    queryFn: async () => (await ask<{ readonly batches: readonly Batch[] }>("/v1/approvals/batches")).batches,
  });
  if (found.error !== null) return <Trouble of={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return null;
  if (found.data.length === 0)
    return (
      <div className="empty">
        <p>No two requests that you may answer are alike enough to be answered together.</p>
        <p>
          Together go requests of one tool, one class of target and the same arguments' names; never what cannot be
          undone.
        </p>
      </div>
    );
  return found.data.map((batch) => <BatchPart key={batch.items.map(({ id }) => id).join()} of={batch} />);
}

function BatchPart({ of }: { readonly of: Batch }) {
  const [reason, setReason] = useState("");
  const [told, setTold] = useState<Batched | undefined>(undefined);
  const isArmed = useArmed(of.items.map(({ shownDigest }) => shownDigest).join());
  const deed = useDeed<Batched>("/v1/approvals/batch", setTold);
  const opened = of.items.filter((one) => one.opened).length;
  const lacking = Math.max(0, of.sample - opened);
  const send = (verdict: "approve" | "deny"): void => {
    const items = of.items.map(({ id, callDigest, shownDigest }) => ({ id, callDigest, shownDigest }));
    deed.mutate({ verdict, reason, items });
  };
  return (
    <section aria-label={`${of.items.length} requests of ${of.server}.${of.tool}`}>
      <h2>
        {of.items.length} requests to {of.verb} {of.server}.{of.tool} in {of.environment}
      </h2>
      <p className="quiet">
        Workflow {of.workflow} · arguments {of.paths.join(", ")}
        {of.more === 0 ? "" : ` · ${of.more} more wait, for the next time`}
      </p>
      <ul>
        {of.items.map((one) => (
          <li key={one.id}>
            <A to={`/inbox/${one.id}`}>
              <Said text={one.target} />
            </A>{" "}
            <small>{one.opened ? "opened" : "not opened"}</small>
            <details>
              <summary>{one.effect?.known === true ? one.effect.sentence : "what it does"}</summary>
              <EffectPart of={one} />
            </details>
          </li>
        ))}
      </ul>
      {lacking === 0 ? null : (
        <p>
          Open {lacking} more of them first: a sample of {of.sample} has to be looked at one by one.
        </p>
      )}
      <label>
        Reason (a denial needs one)
        <input value={reason} maxLength={2000} onChange={(event) => setReason(event.target.value)} />
      </label>
      {deed.error === null ? null : <Trouble of={deed.error} />}
      {told === undefined ? null : (
        <div role="status">
          <p>{told.answered.length} were answered.</p>
          <ul>
            {told.left.map((one) => (
              <li key={one.id}>
                <A to={`/inbox/${one.id}`}>{one.id}</A> was left out: {sentence(one.because)}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="deeds">
        <button type="button" disabled={!isArmed || lacking > 0 || deed.isPending} onClick={() => send("approve")}>
          Approve all {of.items.length}
        </button>
        <button
          type="button"
          disabled={!isArmed || deed.isPending || reason.trim() === ""}
          onClick={() => send("deny")}
        >
          Deny all {of.items.length}
        </button>
      </div>
    </section>
  );
}
