import type { Stop } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useAddress } from "../address.tsx";
import { Ago, useTick } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { Empty, Pair, Rows } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { useTitle } from "../parts/title.ts";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { usePerson } from "../session.tsx";
import { StopDetail } from "./stop-detail.tsx";
import { standing, what } from "./stop-words.ts";

const columns: readonly Column<Stop>[] = [
  { name: "id", of: ({ id }) => id },
  { name: "scope", of: ({ scope }) => scope },
  { name: "name", of: ({ name }) => name },
  { name: "reason", of: ({ reason }) => reason },
  { name: "by", of: ({ by }) => by },
  { name: "taken at", of: ({ takenAt }) => takenAt },
  { name: "until", of: ({ untilMs }) => (untilMs === null ? null : new Date(untilMs).toISOString()) },
  { name: "lifted at", of: ({ liftedAt }) => liftedAt },
  { name: "lifted by", of: ({ liftedBy }) => liftedBy.join(" ") },
];

/** What is stopped, and what was. */
export default function Stops() {
  const { parts } = useAddress();
  const id = parts[1];
  const { singlePerson } = usePerson();
  useTick(1_000);
  useTitle("Stops");
  const stops = useQuery({ queryKey: ["stops"], queryFn: () => plane().stops.list() });
  const nowMs = Date.now();
  const all = stops.data ?? [];
  const inForce = all.filter((stop) => standing(stop, nowMs) === "in force");
  const past = all.filter((stop) => standing(stop, nowMs) !== "in force");
  const list = (
    <>
      {stops.error === null ? null : <Trouble of={stops.error} again={() => void stops.refetch()} />}
      {stops.data !== undefined && all.length === 0 ? (
        <Empty>
          <p>Nothing is stopped, and nothing ever was.</p>
          <p>
            <strong>Stop</strong>, at the foot of every page, stops an agent, a workflow, a tool, a system or everything
            at once; so does <code>npx countersign stop agent scribe --reason "…"</code>.{" "}
            {singlePerson ? "Your organisation is one person: you lift it yourself." : "A second person lifts it."}
          </p>
        </Empty>
      ) : (
        <>
          <h2>In force</h2>
          {inForce.length === 0 ? <p>Nothing is stopped.</p> : <List label="stops in force" stops={inForce} id={id} />}
          {past.length === 0 ? null : (
            <>
              <h2>Past</h2>
              <List label="past stops" stops={past} id={id} />
            </>
          )}
          <Save name="stops" columns={columns} rows={[...inForce, ...past]} />
        </>
      )}
    </>
  );
  return (
    <>
      <h1>Stops</h1>
      <Pair
        list={list}
        back={{ to: "/stops", words: "All stops" }}
        detail={id === undefined ? undefined : <StopDetail key={id} id={id} />}
      />
    </>
  );
}

function List({
  label,
  stops,
  id,
}: {
  readonly label: string;
  readonly stops: readonly Stop[];
  readonly id: string | undefined;
}) {
  return (
    <Rows
      label={label}
      items={stops}
      to={(stop) => `/stops/${stop.id}`}
      current={id === undefined ? undefined : `/stops/${id}`}
      first={(stop) => (
        <>
          <span>
            <Standing of={stop} /> <Said text={what(stop)} />
          </span>
          <Ago at={stop.takenAt} />
        </>
      )}
      second={(stop) => (
        <>
          {stop.by}:{" "}
          <span className="plain">
            <Said text={stop.reason} />
          </span>
        </>
      )}
    />
  );
}

export function Standing({ of }: { readonly of: Pick<Stop, "liftedAt" | "untilMs"> }) {
  const now = standing(of, Date.now());
  return now === "in force" ? (
    <span className="state failed">
      <span aria-hidden="true">■</span> stopped
    </span>
  ) : (
    <span className="state quiet">
      <span aria-hidden="true">□</span> {now}
    </span>
  );
}
