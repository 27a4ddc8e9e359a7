import { A } from "../address.tsx";
import { useOutcomes } from "../outcomes.tsx";

/** Stays until it is put away or something else is told; read out where a screen is read. */
export function OutcomeLine() {
  const { last, tell } = useOutcomes();
  return (
    <div role="status" className="outcome">
      {last === undefined ? null : (
        <p className={last.isBad === true ? "failed" : ""}>
          {last.text} {last.link === undefined ? null : <A to={last.link.to}>{last.link.words}</A>}{" "}
          <button type="button" className="quiet" onClick={() => tell(undefined)}>
            Put away
          </button>
        </p>
      )}
    </div>
  );
}
