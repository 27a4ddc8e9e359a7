import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { useOutcomes } from "../outcomes.tsx";
import { Said } from "../parts/machine.tsx";
import { Told } from "../parts/told.tsx";
import { ask } from "../plane.ts";

/** Stays until it is put away or something else is told; read out where a screen is read. */
export function OutcomeLine() {
  const { last, tell } = useOutcomes();
  return (
    <div role="status" className="outcome">
      {last === undefined ? null : (
        <p className={last.isBad === true ? "failed" : ""}>
          <Told text={last.text} /> {last.action === undefined ? null : <Standing action={last.action} />}
          {last.link === undefined ? null : <A to={last.link.to}>{last.link.words}</A>}{" "}
          <button type="button" className="quiet" onClick={() => tell(undefined)}>
            Put away
          </button>
        </p>
      )}
      {last?.each === undefined || last.each.length === 0 ? null : (
        <ul>
          {last.each.map(({ to, words, text }) => (
            <li key={to}>
              <A to={to}>
                <Said text={words} />
              </A>
              : <Told text={text} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What became of an action meanwhile; nothing for whoever may not look. */
function Standing({ action }: { readonly action: string }) {
  const standing = useQuery({
    queryKey: ["actions", "standing", action],
    queryFn: () => ask<{ readonly state: string }>(`/v1/actions/${action}`),
  });
  return standing.data === undefined ? null : <span>It is {standing.data.state} now. </span>;
}
