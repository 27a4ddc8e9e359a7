import { filesShown, mostFilesShown } from "@countersign/contract";
import { Fragment } from "react";
import { Raw, Said } from "../parts/machine.tsx";
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
          <p>{effect?.reason ?? (before === undefined ? "What is there now was not read." : "What is there now:")}</p>
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
            <Fragment key={change.at}>
              <ChangeTable of={change} />
              <EndOf part={`change/${at}`} />
            </Fragment>
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

function ChangeTable({ of }: { readonly of: Change }) {
  const lines = of.kind === "text" ? of.lines : [`- ${JSON.stringify(of.before)}`, `+ ${JSON.stringify(of.after)}`];
  return (
    <table className="diff">
      <caption className="unseen">Difference of {of.at}: minus is gone, plus is new</caption>
      <thead className="unseen">
        <tr>
          <th scope="col">gone or new</th>
          <th scope="col">line</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of one difference never change places
          <tr key={at} className={line.startsWith("-") ? "gone" : line.startsWith("+") ? "new" : ""}>
            <td>{line.slice(0, 1)}</td>
            <td>
              <Said text={line.slice(2)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
