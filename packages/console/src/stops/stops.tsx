import type { Stop } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useAddress } from "../address.tsx";
import { Ago, useTick } from "../parts/ago.tsx";
import { type Placed, useKeptOrder } from "../parts/kept-order.ts";
import { Said } from "../parts/machine.tsx";
import { OutOfOrder } from "../parts/out-of-order.tsx";
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
  const now = all.map((stop) => ({ stop, isInForce: standing(stop, nowMs) === "in force" }));
  const order = [...now.filter(({ isInForce }) => isInForce), ...now.filter(({ isInForce }) => !isInForce)];
  const kept = useKeptOrder(order, ({ stop }) => stop.id);
  const isInOrder =
    kept.isInOrder && kept.rows.every(({ item, first, isNew }) => !isNew && item.isInForce === first.isInForce);
  const old = kept.rows.filter(({ isNew }) => !isNew);
  const inForce = old.filter(({ first }) => first.isInForce);
  const past = old.filter(({ first }) => !first.isInForce);
  const since = kept.rows.filter(({ isNew }) => isNew);
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
          <OutOfOrder
            of={{ isInOrder, sort: kept.sort }}
            list={inForce.length === 0 ? "past stops" : "stops in force"}
            words={changed(kept.rows)}
          />
          <h2>In force</h2>
          {inForce.length > 0 ? (
            <List label="stops in force" rows={inForce} id={id} />
          ) : (
            <p>
              {since.some(({ item }) => item.isInForce) ? "What was stopped since is below." : "Nothing is stopped."}
            </p>
          )}
          {past.length === 0 ? null : (
            <>
              <h2>Past</h2>
              <List label="past stops" rows={past} id={id} />
            </>
          )}
          {since.length === 0 ? null : (
            <>
              <h2>Since then</h2>
              <List label="stops since then" rows={since} id={id} />
            </>
          )}
          <Save name="stops" columns={columns} rows={kept.rows.map(({ item }) => item.stop)} />
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

interface Ordered {
  readonly stop: Stop;
  readonly isInForce: boolean;
}

function changed(rows: readonly Placed<Ordered>[]): string {
  const news = rows.filter(({ isNew }) => isNew).length;
  const ended = rows.filter(({ item, first }) => first.isInForce && !item.isInForce).length;
  return `${news === 0 ? "" : `${news} came since, below. `}${ended === 0 ? "" : `${ended} ended.`}`;
}

function List({
  label,
  rows,
  id,
}: {
  readonly label: string;
  readonly rows: readonly Placed<Ordered>[];
  readonly id: string | undefined;
}) {
  return (
    <Rows
      label={label}
      items={rows}
      to={({ item }) => `/stops/${item.stop.id}`}
      current={id === undefined ? undefined : `/stops/${id}`}
      first={({ item: { stop } }) => (
        <>
          <span>
            <Standing of={stop} /> <Said text={what(stop)} />
          </span>
          <Ago at={stop.takenAt} />
        </>
      )}
      second={({ item: { stop } }) => (
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
