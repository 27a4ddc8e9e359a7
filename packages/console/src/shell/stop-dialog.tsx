import type { StopBody, StopReport } from "@countersign/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { A, useAddress } from "../address.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useKeptForm, useKeptText } from "../parts/kept.ts";
import { Said } from "../parts/machine.tsx";
import { Send } from "../parts/send.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { usePerson } from "../session.tsx";
import { StopName, useStopNames } from "./stop-name.tsx";
import { nameFault } from "./stop-names.ts";
import { lengthOf, StopUntil } from "./stop-until.tsx";

const scopes = ["everything", "agent", "workflow", "tool", "system"] as const;
/** What, why and until when; then what it froze, and how long it took. */
export function StopDialog({ isOpen, close }: { readonly isOpen: boolean; readonly close: () => void }) {
  const queries = useQueryClient();
  const kept = useKeptForm("stop");
  const keptScope = useKeptText("stop.scope");
  const keptLength = useKeptText("stop.for");
  const scope = scopes.find((one) => one === keptScope.text) ?? "everything";
  const [fault, setFault] = useState<string>();
  const [isPast, setPast] = useState(false);
  const names = useStopNames(isOpen && scope !== "everything");
  const stop = useMutation({
    mutationFn: (body: StopBody) => plane().stops.stop(body),
    onSuccess: () => {
      kept.forget();
      keptScope.forget();
      keptLength.forget();
      void queries.invalidateQueries();
    },
  });
  const choose = (next: typeof scope): void => {
    keptScope.write(next);
    setFault(undefined);
  };
  /** Whoever closes it begins anew: what a session's end closes is kept. */
  const done = (): void => {
    kept.forget();
    keptScope.forget();
    keptLength.forget();
    stop.reset();
    setFault(undefined);
    setPast(false);
    close();
  };
  return (
    <Dialog isOpen={isOpen} close={done} title={stop.data === undefined ? "Stop" : "Stopped"}>
      {stop.data === undefined ? (
        <form
          {...kept.form}
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            const forMs = lengthOf(form, Date.now());
            const name = String(form.get(scope) ?? "").trim();
            const wrong = scope === "everything" ? undefined : nameFault(scope, name, names);
            setFault(wrong);
            if (wrong !== undefined) {
              event.currentTarget.querySelector<HTMLInputElement>(`input[name=${scope}]`)?.focus();
              return;
            }
            setPast(forMs === 0);
            if (forMs === 0) return;
            stop.mutate({
              scope,
              reason: String(form.get("reason")),
              ...(scope === "everything" ? {} : { name }),
              ...(forMs === undefined ? {} : { forMs }),
              ...(form.get("voids") === "on" ? { voids: true } : {}),
            });
          }}
        >
          <fieldset>
            <legend>What</legend>
            {scopes.map((one) => (
              <label className="check" key={one}>
                <input type="radio" name="scope" checked={one === scope} onChange={() => choose(one)} /> {one}
              </label>
            ))}
          </fieldset>
          {scope === "everything" ? null : (
            <StopName key={scope} scope={scope} names={names} fault={fault} changed={() => setFault(undefined)} />
          )}
          <label>
            Why
            <textarea name="reason" required rows={2} maxLength={2000} />
          </label>
          <StopUntil kept={keptLength} isPast={isPast} changed={() => setPast(false)} />
          <label className="check">
            <input type="checkbox" name="voids" /> refuse what is held, instead of freezing it
          </label>
          {stop.error === null ? null : <Trouble of={stop.error} />}
          <div className="deeds">
            <Send type="submit" className="stop" isSending={stop.isPending}>
              {stop.isPending ? "Stopping …" : `Stop ${scope === "everything" ? "everything" : `this ${scope}`}`}
            </Send>
            <button type="button" onClick={done}>
              Not now
            </button>
          </div>
        </form>
      ) : (
        <Report report={stop.data} close={done} />
      )}
    </Dialog>
  );
}

function Report({ report, close }: { readonly report: StopReport; readonly close: () => void }) {
  const { go } = useAddress();
  const { singlePerson } = usePerson();
  const { stop, frozen, voided, inFlight, inFlightIsWhole, tookMs } = report;
  return (
    <>
      <p role="status">
        {stop.scope === "everything" ? "Everything" : `${stop.scope} ${stop.name}`} is stopped
        {stop.untilMs === null ? "" : ` until ${new Date(stop.untilMs).toLocaleString()}`}. It took {Math.round(tookMs)}{" "}
        ms. Held requests: {frozen.length} frozen, {voided.length} refused.
      </p>
      {inFlight.length === 0 ? (
        <p>Nothing was on its way.</p>
      ) : (
        <>
          <p>On their way when it took effect; each ends as done, failed or unknown:</p>
          <ul>
            {inFlight.map((one) => (
              <li key={one.action}>
                <A to={`/actions/${one.action}`}>
                  <Said text={`${one.agent}: ${one.tool}`} />
                </A>
              </li>
            ))}
          </ul>
        </>
      )}
      {inFlightIsWhole ? null : (
        <p className="warn">What other servers had on their way could not be listed in time.</p>
      )}
      <p>
        {singlePerson
          ? "Your organisation is one person: you lift it yourself, under"
          : "A second person lifts it, under"}{" "}
        <button
          type="button"
          className="quiet"
          onClick={() => {
            close();
            go(`/stops/${stop.id}`);
          }}
        >
          the stop
        </button>
      </p>
      <button type="button" onClick={close}>
        Close
      </button>
    </>
  );
}
