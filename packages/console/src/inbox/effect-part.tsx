import { filesShown, linesShown, mostFilesShown, pageOf } from "@countersign/contract";
import { type ReactNode, useMemo, useState } from "react";
import { count, Raw, Said } from "../parts/machine.tsx";
import { Told } from "../parts/told.tsx";
import { FilesPart } from "./files-part.tsx";
import { EndOf } from "./looked.tsx";
import type { Change, Request } from "./shape.ts";

/** The difference of the target, in counts first; where it is not known, what is there now and why no more is. */
export function EffectPart({ of: { args, effect, reach, before } }: { readonly of: Request }) {
  const isKnown = effect?.known === true;
  const files = isKnown
    ? []
    : filesShown({ ...(args === undefined ? {} : { args }), ...(before === undefined ? {} : { before }) });
  return (
    <>
      <p>
        {Object.keys(reach.counts).length === 0
          ? "It is not known how much it touches."
          : `It touches ${reach.sentence}.`}
      </p>
      {effect === undefined || !effect.known ? (
        <>
          <p>
            <Told
              text={effect?.reason ?? (before === undefined ? "What is there now was not read." : "What is there now:")}
            />
          </p>
          {files.length === 0 ? null : <FilesPart files={files.slice(0, mostFilesShown)} all={files.length} />}
          {before === undefined ? null : (
            <details open={files.length === 0}>
              <summary>What is there now, to the last byte</summary>
              <Raw value={before} label="What is there now" end={<EndOf part="before" />} />
            </details>
          )}
        </>
      ) : (
        <>
          <p>
            <strong>
              <Said text={effect.sentence} />
            </strong>
          </p>
          {effect.changes.map((change, at) => (
            <ChangeTable key={change.at} of={change} end={<EndOf part={`change/${at}`} />} />
          ))}
          {effect.beside.length === 0 ? null : (
            <p className="warn">
              <strong>
                The difference does not tell of <Said text={effect.beside.join(", ")} />: see the exact call.
              </strong>
            </p>
          )}
        </>
      )}
    </>
  );
}

const firstRows = 300;
const firstCharacters = 40_000;

/** Line by line; what is the same line after line stands there once, and how much is not shown yet is always said. */
function ChangeTable({ of, end }: { readonly of: Change; readonly end: ReactNode }) {
  const [pages, setPages] = useState(1);
  const all = useMemo(
    () =>
      linesShown(of.kind === "text" ? of.lines : [`- ${JSON.stringify(of.before)}`, `+ ${JSON.stringify(of.after)}`]),
    [of],
  );
  const { rows, lines, characters } = pageOf(all, { rows: firstRows * pages, characters: firstCharacters * pages });
  return (
    <>
      <table className="diff">
        <caption>
          Difference of <Said text={of.at} />
          <span className="unseen">: minus is gone, plus is new</span>
        </caption>
        <thead className="unseen">
          <tr>
            <th scope="col">gone or new</th>
            <th scope="col">line</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ sign, text, note }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one difference never change places
            <tr key={at} className={sign === "-" ? "gone" : sign === "+" ? "new" : ""}>
              <td>{sign}</td>
              <td>
                <Said text={text} />
                {note === undefined ? null : <mark title="one row stands for all of them">{note}</mark>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines === 0 && characters === 0 ? (
        end
      ) : (
        <p className="warn" role="status">
          {count(lines)} more lines and {count(characters)} more characters of this difference are not shown yet.{" "}
          <button type="button" onClick={() => setPages(pages + 10)}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}
