import type { Batch, Batches as Found } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { useKeys } from "../keys.tsx";
import { useKeptText } from "../parts/kept.ts";
import { count, Raw, Said } from "../parts/machine.tsx";
import { Save } from "../parts/save.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { kindOf } from "./batch-kind.ts";
import { togetherColumns } from "./columns.ts";
import { EffectPart } from "./effect-part.tsx";
import { GraceLine } from "./grace-line.tsx";
import { useArmed } from "./use-armed.ts";
import { useBatch } from "./use-batch.ts";

/** Requests of one tool, one class of target and one shape, answered together once a sample of them was opened. */
export default function Batches() {
  const found = useQuery({
    queryKey: ["approvals", "batches"],
    queryFn: () => ask<Found>("/v1/approvals/batches"),
  });
  const answer = useBatch(found.data?.batches);
  useKeys([{ press: "u", does: "take the answer back before it is sent", run: answer.takeBack }]);
  const trouble = found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return trouble;
  const { batches, unlooked } = found.data;
  const rest =
    unlooked === 0 ? null : (
      <p>
        {count(unlooked)} more that may be alike were not opened to be compared: once some of these are answered, they
        are.
      </p>
    );
  if (batches.length === 0)
    return (
      <>
        {trouble}
        <div className="empty">
          <p>No two requests that you may answer are alike enough to be answered together.</p>
          <p>
            Together go requests of one tool, one class of target and the same arguments' names, that change as much in
            the same way; never what cannot be undone.
          </p>
          {rest}
        </div>
      </>
    );
  return (
    <>
      {trouble}
      {rest}
      {batches.map((batch) => (
        <BatchPart key={kindOf(batch)} of={batch} answer={answer} />
      ))}
      <Save
        name="together"
        columns={togetherColumns}
        rows={batches.flatMap((batch, at) => batch.items.map((item) => ({ at: at + 1, batch, item })))}
      />
    </>
  );
}

function BatchPart({ of, answer }: { readonly of: Batch; readonly answer: ReturnType<typeof useBatch> }) {
  const kind = kindOf(of);
  const kept = useKeptText(`batch.${kind}`);
  const { text: reason = "" } = kept;
  const isArmed = useArmed(of.items.map(({ shownDigest }) => shownDigest).join());
  const opened = of.items.filter((one) => one.opened).length;
  const lacking = Math.max(0, of.sample - opened);
  const isReady = isArmed && !answer.isBusy;
  const waiting = answer.waitingOf(kind);
  const give = (verdict: "approve" | "deny"): void =>
    answer.give({ verdict, reason, batch: of, done: () => kept.forget(reason) });
  return (
    <section aria-label={`${of.items.length} requests of ${of.server}.${of.tool}`}>
      <h2>
        {of.items.length} requests to {of.verb} {of.server}.{of.tool} in {of.environment}
      </h2>
      <p>
        Each changes <Said text={of.shape.join("; ")} />
        {of.risk.length === 0 ? "" : ` · ${of.risk.join(", ")}`}
      </p>
      <p className="quiet">
        Workflow {of.workflow} · arguments <Said text={of.paths.join(", ")} />
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
              <summary>{one.effect?.known === true ? <Said text={one.effect.sentence} /> : "what it does"}</summary>
              <EffectPart of={one} />
              {one.effect?.known === true && one.effect.beside.length > 0 ? (
                <Raw value={one.args} label="Arguments of the call" />
              ) : null}
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
        <input
          value={reason}
          maxLength={2000}
          readOnly={answer.isBusy}
          onChange={(event) => kept.write(event.target.value)}
        />
      </label>
      <GraceLine waiting={waiting} takeBack={answer.takeBack} sendNow={answer.sendNow} back={focus} />
      <div className="deeds">
        <button type="button" disabled={!isReady || lacking > 0} onClick={() => give("approve")}>
          Approve all {of.items.length}
        </button>
        <button type="button" disabled={!isReady || lacking > 0 || reason.trim() === ""} onClick={() => give("deny")}>
          Deny all {of.items.length}
        </button>
      </div>
    </section>
  );
}

/** The button that was pressed works no more meanwhile: the keyboard's place is the way back. */
function focus(button: HTMLButtonElement | null): void {
  button?.focus();
}
