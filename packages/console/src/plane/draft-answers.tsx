import type { PolicyChecked, PolicyDiff, PolicyTested, Proofs } from "@countersign/client";
import { count, Raw, Said } from "../parts/machine.tsx";
import { Told } from "../parts/told.tsx";
import { sentence } from "../parts/trouble.tsx";

export function Checked({ found }: { readonly found: PolicyChecked }) {
  const { ok, policies, problems, unenforced } = found;
  return (
    <>
      <p className={ok ? "allowed" : "failed"}>
        {ok ? `● They hold: ${count(policies ?? 0)} policies.` : "✕ They do not hold, and cannot be put in force:"}
      </p>
      {problems.length === 0 ? null : (
        <ul>
          {problems.map(({ file, line, severity, message, expected, nearest, help }) => (
            <li key={`${file} ${line} ${message}`}>
              <code>
                {file}:{line}
              </code>{" "}
              {severity === "error" ? "" : "(a warning) "}
              <Told text={sentence(message)} />
              {expected === undefined ? null : (
                <>
                  {" "}
                  Expected: <Told text={expected} />.
                </>
              )}
              {nearest === undefined ? null : (
                <>
                  {" "}
                  Did you mean <Said text={nearest} />?
                </>
              )}
              {help === undefined ? null : (
                <>
                  {" "}
                  <Told text={sentence(help)} />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {unenforced.length === 0 ? null : (
        <p className="held">
          {count(unenforced.length)} {unenforced.length === 1 ? "rule" : "rules"} in words that nothing enforces.
        </p>
      )}
    </>
  );
}

const newly = {
  allowed: "newly allowed",
  denied: "newly denied",
  "asks a person": "newly asks a person",
  "asked otherwise": "asked otherwise",
} as const;

export function Compared({ found }: { readonly found: PolicyDiff }) {
  const { same, compared, findings } = found;
  return (
    <>
      <p>
        {count(same)} pairs of a tool and a verb have the same rules; {count(compared)} were compared.{" "}
        {findings.length === 0
          ? "Nothing is newly allowed or denied, and nothing is asked otherwise: that is proved."
          : ""}
      </p>
      {findings.length === 0 ? null : (
        <ul>
          {findings.map((one) => (
            <li key={`${one.tool} ${one.verb} ${one.newly}`}>
              <strong>{newly[one.newly]}</strong>: <Said text={one.tool} /> ({one.verb}).{" "}
              {one.answer === "not decided" ? (
                <span className="held">
                  Whether there is such a call could not be decided: <Told text={one.why ?? ""} />
                </span>
              ) : (
                <>
                  Such as: <Told text={sentence(one.sentence ?? "")} /> Before:{" "}
                  <Told text={sentence(one.before?.sentence ?? "")} /> After:{" "}
                  <Told text={sentence(one.after?.sentence ?? "")} />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

export function Tested({ found }: { readonly found: PolicyTested }) {
  const { cases, coverage, mutation } = found;
  const failed = cases.filter(({ passed }) => !passed);
  const blank = coverage.filter(({ covered }) => !covered);
  if (cases.length === 0)
    return (
      <p>
        No case is written down. A file under <code>policies/</code> whose name ends in <code>.test.yaml</code> holds
        calls and what must be decided about them.
      </p>
    );
  return (
    <>
      <p className={failed.length === 0 ? "allowed" : "failed"}>
        {failed.length === 0
          ? `● All ${count(cases.length)} cases pass.`
          : `✕ ${count(failed.length)} of ${count(cases.length)} cases fail:`}
      </p>
      <ul>
        {failed.map(({ file, line, name, failures }) => (
          <li key={`${file} ${line} ${name}`}>
            <code>
              {file}:{line}
            </code>{" "}
            <Said text={name} />: {failures.join("; ")}
          </li>
        ))}
      </ul>
      {blank.length === 0 ? null : (
        <p className="held">No case decides by: {blank.map(({ policy }) => policy).join(", ")}.</p>
      )}
      <p className="quiet">
        Of {count(mutation.mutants)} faults put into the policies the cases notice {count(mutation.killed)}.
      </p>
    </>
  );
}

const proved = {
  proved: ["●", "allowed", "proved"],
  "counter-example": ["✕", "failed", "does not hold"],
  "not decided": ["?", "unknown", "not decided"],
} as const;

export function Proved({ found }: { readonly found: Proofs }) {
  return (
    <ul>
      {found.invariants.map((one) => {
        const [shape, tone, words] = proved[one.answer];
        return (
          <li key={one.name}>
            <span className={`state ${tone}`}>
              <span aria-hidden="true">{shape}</span> {words}
            </span>{" "}
            <Told text={sentence(one.title)} />
            {one.why === undefined ? null : (
              <>
                {" "}
                <Told text={sentence(one.why)} />
              </>
            )}
            {one.sentence === undefined ? null : (
              <>
                {" "}
                Such as: <Told text={sentence(one.sentence)} />
                <details>
                  <summary>the whole request</summary>
                  <Raw value={one.request ?? {}} label={`A request against ${one.name}`} />
                </details>
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}
