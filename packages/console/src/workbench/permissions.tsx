import type { WhoCanLine } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { A } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { Answer } from "../plane/answer.tsx";
import { plane } from "../plane.ts";

const order = ["allow", "require", "depends", "deny"] as const;
const pageSize = 12;

/** What the agent may do at all, as the engine answers it: this tool first, then whatever is not refused. */
export function Permissions({ agent, tool }: { readonly agent: string; readonly tool: string }) {
  const [most, setMost] = useState(pageSize);
  const found = useQuery({
    queryKey: ["plane", "who-can", agent, "", ""],
    queryFn: () => plane().policies.whoCan({ agent }),
    staleTime: 30_000,
  });
  const rank = (line: WhoCanLine): number => (line.tool === tool ? 0 : 10) + order.indexOf(line.answer);
  const lines = (found.data?.answers ?? [])
    .filter((line) => line.tool === tool || line.answer !== "deny")
    .toSorted((one, other) => rank(one) - rank(other));
  return (
    <section aria-label="What it may do">
      <h2>What {agent} may do</h2>
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {found.data === undefined ? null : (
        <>
          <div className="wide">
            <table className="names stack">
              <caption className="unseen">What {agent} may do</caption>
              <thead>
                <tr>
                  <th scope="col">Tool</th>
                  <th scope="col">Where</th>
                  <th scope="col">Answer</th>
                </tr>
              </thead>
              <tbody>
                {lines.slice(0, most).map((line) => (
                  <tr key={`${line.tool} ${line.verb} ${line.environment}`}>
                    <td>
                      {line.tool === tool ? (
                        <strong>
                          <Said text={line.tool} />
                        </strong>
                      ) : (
                        <Said text={line.tool} />
                      )}{" "}
                      <small>{line.verb}</small>
                    </td>
                    <td>{line.environment}</td>
                    <td>
                      <Answer of={line.answer} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {lines.length > most ? (
            <p className="warn" role="status">
              {lines.length - most} more are not shown yet.{" "}
              <button type="button" onClick={() => setMost(most + 100)}>
                Show more
              </button>
            </p>
          ) : null}
          <p className="quiet">
            What stands nowhere here is refused.{" "}
            <A to={`/policies?view=who-can&agent=${encodeURIComponent(agent)}`}>All answers, with their reasons</A>.
          </p>
        </>
      )}
    </section>
  );
}
