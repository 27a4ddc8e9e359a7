import type { NearMisses as Found } from "@countersign/client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { A, useAddress } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { NextPage } from "../parts/next-page.tsx";
import { Empty } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";

type NearMiss = Found["nearMisses"][number];

const columns: readonly Column<NearMiss>[] = [
  { name: "action", of: ({ action }) => action },
  { name: "kind", of: ({ kind }) => kind },
  { name: "at", of: ({ at }) => at },
  { name: "agent", of: ({ agent }) => agent },
  { name: "workflow", of: ({ workflow }) => workflow },
  { name: "tool", of: ({ tool }) => tool },
  { name: "sentence", of: (one) => one.sentence },
];

const kinds = {
  denied: ["⊘", "refused", "refused by a rule"],
  "caught by a check": ["⊘", "refused", "caught by a check"],
  "denied by a person": ["⊘", "held", "denied by a person"],
  undone: ["↺", "reversed", "undone within an hour"],
} as const;

/** What nearly happened, each opened by itself; and the way from it to a rule that would have stopped it. */
export function NearMisses() {
  const { query, put } = useAddress();
  const days = Number(query.get("days") ?? "7");
  const found = useInfiniteQuery({
    queryKey: ["actions", "near-misses", days],
    queryFn: ({ pageParam: cursor }) => ask<Found>("/v1/near-misses", { query: { days, cursor } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  });
  const all = (found.data?.pages ?? []).flatMap((page) => page.nearMisses);
  return (
    <>
      <label className="check">
        Of the last
        <select value={String(days)} onChange={(event) => put({ days: event.target.value })}>
          <option value="1">day</option>
          <option value="7">7 days</option>
          <option value="30">30 days</option>
          <option value="90">90 days</option>
        </select>
      </label>
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {found.data === undefined ? null : all.length > 0 ? null : found.hasNextPage ? (
        <Empty>
          <p>None among what was refused or undone last. Not all of it was looked at.</p>
        </Empty>
      ) : (
        <Empty>
          <p>Nothing was refused by a rule, caught by a check, denied by a person, or undone within an hour.</p>
          <p>
            Each such action opens a near miss here by itself. A draft of the rules then says whether it would have
            stopped it.
          </p>
        </Empty>
      )}
      {all.length === 0 ? null : (
        <>
          <div className="wide">
            <table className="stack">
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">What</th>
                  <th scope="col">How it ended</th>
                  <th scope="col">
                    <span className="unseen">Then</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {all.map((one) => {
                  const [shape, tone, words] = kinds[one.kind];
                  return (
                    <tr key={one.action}>
                      <td>
                        <Ago at={one.at} />
                      </td>
                      <td>
                        <A to={`/actions/${one.action}`}>
                          <Said text={`${one.agent}: ${one.tool}`} />
                        </A>
                        <br />
                        <small>{one.workflow}</small>
                      </td>
                      <td>
                        <span className={`state ${tone}`}>
                          <span aria-hidden="true">{shape}</span> {words}
                        </span>
                        <br />
                        <small>
                          <Told text={sentence(one.sentence)} />
                        </small>
                      </td>
                      <td>
                        <A to={`/policies?view=draft&action=${one.action}`}>Would a draft have stopped it?</A>
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
          <Save name="near-misses" columns={columns} rows={all} />
        </>
      )}
      {found.data === undefined ? null : (
        <div className="deeds">
          {found.hasNextPage ? (
            <>
              <span className="quiet">There may be older ones.</span>{" "}
              <NextPage of={found} words="Look at older ones" busy="Looking …" />
            </>
          ) : (
            <span className="quiet">All of the last {days === 1 ? "day" : `${days} days`} were looked at.</span>
          )}
        </div>
      )}
    </>
  );
}
