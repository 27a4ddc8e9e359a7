import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import type { Hand } from "./custody.ts";
import { Plain, Told } from "./told.tsx";

const shapes = { person: "△", agent: "○", plane: "◇", system: "□" } as const;

/** A chain, from the hand that set the agent to work to the last one. */
export function Custody({ hands }: { readonly hands: readonly Hand[] }) {
  return (
    <ol className="custody">
      {hands.map(({ kind, who, did, at, to }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one hand may touch it twice
        <li key={index}>
          <span className="shape" aria-hidden="true">
            {shapes[kind]}
          </span>
          <span>
            <strong>
              <Plain text={who} />
            </strong>{" "}
            <small>{kind}</small>{" "}
            {to === undefined ? (
              <Told text={did} />
            ) : (
              <A to={to}>
                <Told text={did} />
              </A>
            )}
            {at === undefined || at === "" ? null : (
              <>
                {" "}
                <small>
                  <Ago at={at} />
                </small>
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
