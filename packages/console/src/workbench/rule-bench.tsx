import type { Files } from "@countersign/client";
import { useState } from "react";
import { DraftApply } from "../plane/draft-apply.tsx";
import { DraftQuestions } from "../plane/draft-questions.tsx";
import { FileDifference } from "../plane/file-difference.tsx";
import { CaseRun } from "./case-run.tsx";
import { type About, type RuleKind, ruleFile, ruleKinds } from "./rule-kinds.ts";

interface Rule {
  readonly kind: RuleKind;
  readonly file: string;
  readonly text: string;
}

/** A rule to propose: chosen, written over, tried in every way that a draft is, and put before a second person. */
export function RuleBench({
  about,
  inForce,
  digest,
  file,
  written,
}: {
  readonly about: About;
  readonly inForce: Files;
  readonly digest: string | undefined;
  /** Of the case, whose text goes along where somebody made it. */
  readonly file: string;
  readonly written: string | undefined;
}) {
  const [rule, setRule] = useState<Rule | undefined>(undefined);
  const [takesCase, setTakesCase] = useState(true);
  const withCase = written !== undefined && takesCase ? { [file]: written } : {};
  const files = rule === undefined ? inForce : { ...inForce, [rule.file]: rule.text, ...withCase };
  return (
    <section aria-label="The rule">
      <h2>A rule to propose</h2>
      <label>
        It should
        <select
          value={rule?.kind ?? ""}
          onChange={(event) => {
            const kind = event.target.value as RuleKind | "";
            setRule(kind === "" ? undefined : { kind, ...ruleFile(kind, about, inForce) });
          }}
        >
          <option value="">choose what it should do</option>
          {Object.entries(ruleKinds).map(([kind, words]) => (
            <option key={kind} value={kind}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {rule === undefined ? null : (
        <>
          <label htmlFor="rule-text">The rule, as {rule.file}</label>
          <textarea
            id="rule-text"
            className="code"
            spellCheck={false}
            value={rule.text}
            onChange={(event) => setRule({ ...rule, text: event.target.value })}
          />
          {written === undefined ? null : (
            <label className="check">
              <input type="checkbox" checked={takesCase} onChange={(event) => setTakesCase(event.target.checked)} />
              The case goes along: it is run whenever rules are put in force
            </label>
          )}
          <details open>
            <summary>The difference</summary>
            <FileDifference before={inForce[rule.file] ?? ""} after={rule.text} label={`How ${rule.file} differs`} />
          </details>
          {written === undefined ? null : (
            <CaseRun words="Run the case against this draft" files={{ ...files, [file]: written }} file={file} />
          )}
          <DraftQuestions files={files} action={about.action} />
          <DraftApply files={files} expected={digest} />
        </>
      )}
    </section>
  );
}
