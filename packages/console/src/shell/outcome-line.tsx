import type { AnswersPage } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { useOutcomes } from "../outcomes.tsx";
import { Said } from "../parts/machine.tsx";
import { Told } from "../parts/told.tsx";
import { sentence } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";

/** What is told; read out where a screen is read. */
export function OutcomeLine() {
  const { all, putAway } = useOutcomes();
  return (
    <div role="status" aria-atomic="false" className="outcome">
      {all.map((one) => (
        <div key={one.about}>
          <p className={one.isBad === true ? "failed" : ""}>
            <Told text={one.text} /> {one.action === undefined ? null : <Standing action={one.action} />}
            {one.link === undefined ? null : <A to={one.link.to}>{one.link.words}</A>}{" "}
            <button type="button" className="quiet" onClick={() => putAway(one)}>
              Put away
            </button>
          </p>
          {one.each === undefined || one.each.length === 0 ? null : (
            <ul>
              {one.each.map(({ to, words, text }) => (
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
      ))}
    </div>
  );
}

/** What became of an action meanwhile; nothing for whoever may not look. That an approval counts no more is said there. */
function Standing({ action }: { readonly action: string }) {
  const standing = useQuery({
    queryKey: ["actions", "standing", action],
    queryFn: () => ask<{ readonly state: string }>(`/v1/actions/${action}`),
  });
  const own = useQuery({
    queryKey: ["answers", "standing", action],
    queryFn: () => ask<AnswersPage>("/v1/answers", { query: { action } }),
  });
  const voided = own.data?.answers.find((one) => one.voided !== undefined)?.voided;
  return (
    <>
      {standing.data === undefined ? null : <span>It is {standing.data.state} now. </span>}
      {voided === undefined ? null : (
        <strong className="failed">
          <Told text={sentence(voided)} />{" "}
        </strong>
      )}
    </>
  );
}
