import { useQuery } from "@tanstack/react-query";
import { Ago } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { Rows } from "../parts/rows.tsx";
import { State } from "../parts/state.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { readActions, type ShownAction } from "../runs/read-actions.ts";

const most = 20;

/** The actions of a run, to walk through; the newest of all where there is no run. */
export function OfRun({ run, current }: { readonly run: string | undefined; readonly current: string | undefined }) {
  const found = useQuery({
    queryKey: ["actions", "bench", run ?? ""],
    queryFn: ({ signal }) => readActions({ filters: run === undefined ? {} : { run }, words: "" }, undefined, signal),
  });
  const trouble = found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return trouble;
  const actions = found.data.rows.slice(0, most);
  const words = run === undefined ? "The newest actions" : "The actions of its run";
  return (
    <section aria-label={words}>
      <h2>{words}</h2>
      {trouble}
      {actions.length === 0 ? <p>There is none yet.</p> : null}
      <Rows
        label={words.toLowerCase()}
        items={actions}
        to={({ id }: ShownAction) => `/workbench/${id}`}
        current={current === undefined ? undefined : `/workbench/${current}`}
        first={({ state, tool }) => (
          <>
            {state === null ? null : <State of={state} />} <Said text={tool ?? ""} />
          </>
        )}
        second={({ agent, at }) => (
          <>
            {agent} · <Ago at={at} />
          </>
        )}
      />
      {found.data.rows.length > most ? <p className="quiet">The newest {most} are shown.</p> : null}
    </section>
  );
}
