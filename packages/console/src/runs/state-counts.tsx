import { count } from "../parts/machine.tsx";
import { State } from "../parts/state.tsx";
import { worstFirst } from "./counts.ts";

export function StateCounts({
  states,
  more = false,
}: {
  readonly states: Readonly<Record<string, number>>;
  readonly more?: boolean;
}) {
  return (
    <span className="counts">
      {worstFirst(states).map(([state, many]) => (
        <span key={state}>
          <State of={state} /> {count(many)}
        </span>
      ))}
      {more ? <span>and older ones</span> : null}
    </span>
  );
}
