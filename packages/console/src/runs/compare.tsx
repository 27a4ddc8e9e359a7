import type { TimedAction } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { State } from "../parts/state.tsx";
import { useTitle } from "../parts/title.ts";
import { Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { mostCompared, type Pairing, pairUp } from "./compare.ts";
import { Id } from "./id.tsx";

const words = {
  same: ["=", "the same"],
  ended: ["≠", "ended otherwise"],
  arguments: ["≠", "other arguments"],
  erased: ["?", "arguments erased"],
  target: ["≠", "another target"],
  left: ["−", "only the first"],
  right: ["+", "only the second"],
} as const;

const columns: readonly Column<Pairing<TimedAction>>[] = [
  { name: "difference", of: ({ how }) => words[how][1] },
  ...(["left", "right"] as const).flatMap((side): readonly Column<Pairing<TimedAction>>[] => {
    const named = side === "left" ? "first" : "second";
    return [
      { name: `${named}_action`, of: (pair) => pair[side]?.id ?? null },
      { name: `${named}_state`, of: (pair) => pair[side]?.state ?? null },
      { name: `${named}_tool`, of: (pair) => pair[side]?.tool ?? null },
      { name: `${named}_target`, of: (pair) => pair[side]?.target ?? null },
      { name: `${named}_arguments_digest`, of: (pair) => pair[side]?.argsDigest ?? null },
    ];
  }),
];

/** Two runs side by side, call by call. */
export function Compare({ left, right }: { readonly left: string; readonly right: string }) {
  useTitle("Two runs");
  const [one, other] = [useCalls(left), useCalls(right)];
  const error = one.error ?? other.error;
  const pairs =
    one.data === undefined || other.data === undefined ? undefined : pairUp(one.data.calls, other.data.calls);
  const differing = pairs?.filter(({ how }) => how !== "same").length ?? 0;
  return (
    <>
      <p className="quiet">
        <A to="/runs">Runs</A> › <A to={`/runs/${left}`}>first run</A> beside <A to={`/runs/${right}`}>second run</A>
      </p>
      <h1>Two runs, call by call</h1>
      {error === null ? null : <Trouble of={error} />}
      {pairs === undefined ? null : (
        <>
          <p>
            {differing === 0
              ? `Both made the same ${pairs.length} ${pairs.length === 1 ? "call" : "calls"}: the same tool, target and arguments, and each ended the same.`
              : `${differing} of ${pairs.length} lines differ in tool, target, arguments or how they ended.`}{" "}
            What the calls brought back is not compared.
            {one.data?.isCut === true || other.data?.isCut === true
              ? ` Compared are the first ${mostCompared} calls of each.`
              : ""}
          </p>
          <div className="wide">
            <table className="compare">
              <thead>
                <tr>
                  <th scope="col">
                    <A to={`/runs/${left}`}>
                      first <Id of={left} />
                    </A>
                  </th>
                  <th scope="col">Difference</th>
                  <th scope="col">
                    <A to={`/runs/${right}`}>
                      second <Id of={right} />
                    </A>
                  </th>
                </tr>
              </thead>
              <tbody>
                {pairs.map((pair) => (
                  <Line key={`${pair.left?.id ?? ""} ${pair.right?.id ?? ""}`} pair={pair} />
                ))}
              </tbody>
            </table>
          </div>
          <Save name="compared" columns={columns} rows={pairs} />
        </>
      )}
    </>
  );
}

function Line({ pair }: { readonly pair: Pairing<TimedAction> }) {
  const [sign, said] = words[pair.how];
  return (
    <tr className={pair.how}>
      <td>{pair.left === undefined ? null : <Call call={pair.left} />}</td>
      <td>
        <span aria-hidden="true">{sign}</span> {said}
      </td>
      <td>{pair.right === undefined ? null : <Call call={pair.right} />}</td>
    </tr>
  );
}

function Call({ call }: { readonly call: TimedAction }) {
  return (
    <>
      <State of={call.state} />{" "}
      <A to={`/actions/${call.id}`}>
        <Said text={call.tool} />
      </A>
      {call.target === "" ? null : (
        <div className="quiet">
          <Said text={call.target} />
        </div>
      )}
    </>
  );
}

function useCalls(run: string) {
  return useQuery({
    queryKey: ["runs", "calls", run],
    queryFn: async ({ signal }) => {
      const all: TimedAction[] = [];
      let cursor: string | undefined;
      do {
        const query = { cursor, limit: 200 };
        const page = await ask<{ actions: readonly TimedAction[]; next?: string }>(`/v1/runs/${run}/timeline`, {
          query,
          signal,
        });
        all.push(...page.actions);
        cursor = page.next;
      } while (cursor !== undefined && all.length < 5 * mostCompared);
      const calls = all.toReversed();
      return { calls: calls.slice(0, mostCompared), isCut: calls.length > mostCompared || cursor !== undefined };
    },
  });
}
