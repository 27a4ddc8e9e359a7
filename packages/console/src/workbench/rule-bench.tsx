import type { Files } from "@countersign/client";
import { Fragment, useState } from "react";
import { DraftApply } from "../plane/draft-apply.tsx";
import { DraftQuestions } from "../plane/draft-questions.tsx";
import { FileDifference } from "../plane/file-difference.tsx";
import { CaseRun } from "./case-run.tsx";
import { Overtaken } from "./overtaken.tsx";
import { type Base, movedOn } from "./rule-base.ts";
import { type About, kindsFor, type RuleKind, ruleFile, ruleKinds } from "./rule-kinds.ts";

interface Rule {
  readonly kind: RuleKind;
  readonly file: string;
  readonly text: string;
  readonly base: Base;
}

/** A rule to propose: chosen, written over, tried in every way that a draft is, and put before a second person. */
export function RuleBench({
  about,
  tools,
  now,
  file,
  written,
}: {
  readonly about: About;
  /** That the catalog knows, by their ids; undefined until it has said. */
  readonly tools: readonly string[] | undefined;
  readonly now: Base;
  /** Of the case, whose text goes along where somebody made it. */
  readonly file: string;
  readonly written: string | undefined;
}) {
  const [rule, setRule] = useState<Rule | undefined>(undefined);
  const [takesCase, setTakesCase] = useState(true);
  const withCase = written !== undefined && takesCase ? { [file]: written } : {};
  const files: Files = rule === undefined ? now.files : { ...rule.base.files, [rule.file]: rule.text, ...withCase };
  const moved = rule === undefined ? undefined : movedOn(rule, now);
  const begin = (kind: RuleKind): void => setRule({ kind, ...ruleFile(kind, about, now.files), base: now });
  const kinds = kindsFor(about, tools ?? [], now.files);
  return (
    <section aria-label="The rule">
      <h2>A rule to propose</h2>
      <label>
        It should
        <select
          value={rule?.kind ?? ""}
          onChange={(event) => {
            const kind = event.target.value as RuleKind | "";
            if (kind === "") setRule(undefined);
            else begin(kind);
          }}
        >
          <option value="">choose what it should do</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {ruleKinds[kind]}
            </option>
          ))}
        </select>
      </label>
      {tools === undefined || kinds.includes("four-eyes") ? null : (
        <p className="quiet">
          No guardrail is offered: it stands in a workflow that is in force and names a tool that the catalog knows.
        </p>
      )}
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
            <FileDifference before={now.files[rule.file] ?? ""} after={rule.text} label={`How ${rule.file} differs`} />
          </details>
          {moved === undefined ? null : (
            <Overtaken
              file={rule.file}
              by={moved}
              goOn={() => (moved.keeps ? setRule({ ...rule, base: now }) : begin(rule.kind))}
            />
          )}
          {written === undefined || moved !== undefined ? null : (
            <CaseRun words="Run the case against this draft" files={{ ...files, [file]: written }} file={file} />
          )}
          {moved !== undefined ? null : (
            <Fragment key={rule.base.digest}>
              <DraftQuestions files={files} action={about.action} />
              <DraftApply files={files} expected={rule.base.digest} />
            </Fragment>
          )}
        </>
      )}
    </section>
  );
}
