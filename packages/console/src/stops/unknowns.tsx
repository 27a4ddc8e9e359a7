import type { Unknown } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useAddress } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { Empty, Pair, Rows } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { useTitle } from "../parts/title.ts";
import { Told } from "../parts/told.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { question } from "./question.ts";
import { UnknownDetail } from "./unknown-detail.tsx";

const columns: readonly Column<Unknown>[] = [
  { name: "action", of: ({ id }) => id },
  { name: "agent", of: ({ agent }) => agent },
  { name: "workflow", of: ({ workflow }) => workflow },
  { name: "tool", of: ({ server, tool }) => `${server}.${tool}` },
  { name: "target", of: ({ target }) => target },
  { name: "environment", of: ({ environment }) => environment },
  { name: "since", of: ({ openedAt }) => openedAt },
];

/** Calls that were sent and never answered: each a question to people. */
export default function Unknowns() {
  const { parts } = useAddress();
  const id = parts[1];
  useTitle("Unknowns");
  const unknowns = useQuery({ queryKey: ["unknowns"], queryFn: () => plane().unknowns.list() });
  const all = unknowns.data ?? [];
  const list = (
    <>
      {unknowns.error === null ? null : <Trouble of={unknowns.error} again={() => void unknowns.refetch()} />}
      {unknowns.data !== undefined && all.length === 0 ? (
        <Empty>
          <p>Every call that was sent has an answer, or somebody said what became of it.</p>
          <p>
            A call whose answer was lost comes here as a question. It is never sent again by itself. A{" "}
            <code>reconcile</code> rule in <code>tools/&lt;server&gt;.yaml</code> lets the plane look for itself whether
            it happened.
          </p>
        </Empty>
      ) : (
        <>
          <Rows
            label="unknowns"
            items={all}
            to={(one) => `/unknowns/${one.id}`}
            current={id === undefined ? undefined : `/unknowns/${id}`}
            first={(one) => (
              <>
                <strong>
                  <Told text={question(one)} />
                </strong>
                <Ago at={one.openedAt} />
              </>
            )}
            second={(one) => `${one.agent} in ${one.workflow}, ${one.environment}`}
          />
          <Save name="unknowns" columns={columns} rows={all} />
        </>
      )}
    </>
  );
  return (
    <>
      <h1>Unknowns</h1>
      <Pair
        list={list}
        back={{ to: "/unknowns", words: "All unknowns" }}
        detail={
          id === undefined ? undefined : (
            <UnknownDetail
              key={id}
              id={id}
              line={all.find((one) => one.id === id)}
              isKnown={unknowns.data !== undefined}
            />
          )
        }
      />
    </>
  );
}
