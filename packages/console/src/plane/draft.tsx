import type { Files } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { A, useAddress } from "../address.tsx";
import { Raw } from "../parts/machine.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { usePerson } from "../session.tsx";
import { DraftApply } from "./draft-apply.tsx";
import { changedOf, type Edits, filesOf, nameFault } from "./draft-files.ts";
import { DraftQuestions } from "./draft-questions.tsx";
import { FileDifference } from "./file-difference.tsx";
import { draftKey } from "./kept-draft.ts";
import { Kept, Older } from "./kept-line.tsx";
import { useKeptDraft } from "./use-kept-draft.ts";

interface InForce {
  readonly digest: string | null;
  readonly files: Files;
}

/** Files over those in force, what they would do, and the way to put them in force by two people. */
export function Draft() {
  const found = useQuery({ queryKey: ["plane", "files"], queryFn: () => plane().rules.files(), staleTime: 60_000 });
  return (
    <>
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {found.data === undefined ? null : <Begun now={found.data} />}
    </>
  );
}

/** Over other files it is another draft: whoever writes goes over to that when they say so, and not in the middle of a word. */
function Begun({ now }: { readonly now: InForce }) {
  const person = usePerson();
  const [base, setBase] = useState(now);
  const [isWritten, setWritten] = useState(false);
  const goOn = (): void => {
    setBase(now);
    setWritten(false);
  };
  const isMoved = base.digest !== now.digest;
  if (isMoved && !isWritten) goOn();
  // The button that they went on by is gone with what it was about.
  const isGoing = useRef(false);
  useEffect(() => {
    if (isGoing.current && !isMoved) document.getElementById("draft-text")?.focus();
    isGoing.current = false;
  }, [isMoved]);
  const key = draftKey(person.email, base.digest ?? "");
  return (
    <Editor
      key={key}
      person={person.email}
      keptAs={key}
      inForce={base.files}
      digest={base.digest ?? undefined}
      now={isMoved ? now.files : undefined}
      goOn={() => {
        isGoing.current = true;
        goOn();
      }}
      wrote={() => setWritten(true)}
    />
  );
}

function Editor({
  person,
  keptAs,
  inForce,
  digest,
  now,
  goOn,
  wrote,
}: {
  readonly person: string;
  readonly keptAs: string;
  readonly inForce: Files;
  readonly digest: string | undefined;
  /** Where others came in force since. */
  readonly now: Files | undefined;
  readonly goOn: () => void;
  readonly wrote: () => void;
}) {
  const { query, put } = useAddress();
  const { edits, at, isKept, set: keep, older, take, drop: dropOlder } = useKeptDraft(person, keptAs, inForce);
  const set = (written: Edits): void => {
    wrote();
    keep(written);
  };
  const edit = (changes: Edits): void => set({ ...edits, ...changes });
  const drop = (file: string): void => set(Object.fromEntries(Object.entries(edits).filter(([name]) => name !== file)));
  const files = filesOf(inForce, edits);
  const changed = changedOf(inForce, edits);
  const names = [...new Set([...Object.keys(inForce), ...Object.keys(edits)])].sort();
  const asked = query.get("file") ?? "";
  const file = names.includes(asked) ? asked : (names.find((name) => name.startsWith("policies/")) ?? names[0] ?? "");
  const text = edits[file] === null ? "" : (edits[file] ?? inForce[file] ?? "");
  const action = query.get("action") ?? undefined;
  return (
    <>
      {now === undefined ? null : (
        <div className="claim" role="status">
          <p>{movedWords(changed, changedOf(now, edits))}</p>
          <button type="button" onClick={goOn}>
            Go on over the files of now
          </button>
        </div>
      )}
      <p>
        Write over the files in force, and ask what the rules would be. Nothing leaves this page before you ask; nothing
        is in force before a second person signs.
      </p>
      <Kept edits={edits} at={at} isKept={isKept} set={set} />
      {older === undefined ? null : <Older of={older} take={take} drop={dropOlder} />}
      <div className="bar">
        <label className="grow">
          File
          <select value={file} onChange={(event) => put({ file: event.target.value })}>
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
                {edits[name] === null ? " (taken away)" : changed.includes(name) ? " (changed)" : ""}
              </option>
            ))}
          </select>
        </label>
        <NewFile
          files={files}
          add={(name) => {
            edit({ [name]: "" });
            put({ file: name });
          }}
        />
      </div>
      <div className="beside">
        <section aria-label="In force">
          <h2>In force</h2>
          {inForce[file] === undefined ? (
            <p>This file is new.</p>
          ) : (
            <Raw key={file} value={inForce[file]} label={`${file} in force`} />
          )}
        </section>
        <section aria-label="The draft">
          <h2>
            <label htmlFor="draft-text">The draft</label>
          </h2>
          <textarea
            id="draft-text"
            className="code"
            spellCheck={false}
            value={text}
            disabled={edits[file] === null}
            onChange={(event) => edit({ [file]: event.target.value })}
          />
          <div className="deeds">
            {changed.includes(file) ? (
              <button type="button" onClick={() => drop(file)}>
                Back to what is in force
              </button>
            ) : null}
            {inForce[file] === undefined || edits[file] === null ? null : (
              <button type="button" onClick={() => edit({ [file]: null })}>
                Take the file away
              </button>
            )}
          </div>
        </section>
      </div>
      <section aria-label="The difference">
        <h2>The difference</h2>
        {changed.length === 0 ? <p>Nothing is changed yet: this draft is what is in force.</p> : null}
        {changed.map((name) => (
          <details key={name} open={changed.length < 4}>
            <summary>{name}</summary>
            <FileDifference before={inForce[name] ?? ""} after={edits[name] ?? ""} label={`How ${name} differs`} />
          </details>
        ))}
      </section>
      {action === undefined ? null : (
        <p className="claim">
          The simulation below is about <A to={`/actions/${action}`}>one action</A> alone.{" "}
          <button type="button" className="quiet" onClick={() => put({ action: "" })}>
            Look at all of them
          </button>
        </p>
      )}
      <DraftQuestions files={files} action={action} />
      {changed.length === 0 ? null : <DraftApply files={files} expected={digest} />}
    </>
  );
}

/** By what the draft changes of the files that it was begun over, and of those in force now. */
function movedWords(before: readonly string[], now: readonly string[]): string {
  if (before.length === 0) return "Other files came in force since.";
  if (now.length === 0) return "What is written here is in force now.";
  return "Other files came in force since. What is written here stays over those before, and cannot be put in force over these.";
}

function NewFile({
  files,
  add,
}: {
  readonly files: { readonly [file: string]: string };
  readonly add: (name: string) => void;
}) {
  const [fault, setFault] = useState<string | undefined>(undefined);
  return (
    <form
      className="bar flush"
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const name = String(new FormData(form).get("name")).trim();
        const wrong = nameFault(name, files);
        setFault(wrong);
        if (wrong !== undefined) return;
        add(name);
        form.reset();
      }}
    >
      <label>
        A new file
        <input
          name="name"
          required
          placeholder="policies/night.cedar"
          maxLength={100}
          aria-describedby="new-file-fault"
        />
      </label>
      <button type="submit">Add it</button>
      <span id="new-file-fault" className="failed" role="status">
        {fault}
      </span>
    </form>
  );
}
