import { canonical, type FileShown } from "@countersign/contract";
import type { ReactNode } from "react";
import { count, Raw, Said } from "../parts/machine.tsx";
import { EndOf } from "./looked.tsx";

/** The files that a request is about, each to be opened by itself: which of them were is told with the answer. */
export function FilesPart({ files, all }: { readonly files: readonly FileShown[]; readonly all: number }) {
  return (
    <section aria-label="Files">
      <p>
        <strong>{count(all)} files.</strong> Open those that matter: how many were opened is recorded with your answer.
      </p>
      {files.map((file, at) => (
        <details key={canonical(file.value)}>
          <summary>
            <Said text={file.name} />
          </summary>
          <FileBody file={file} end={<EndOf part={`file/${at}`} />} />
        </details>
      ))}
      {all === files.length ? null : (
        <p className="quiet">The others stand in the exact call, or in what is there now.</p>
      )}
    </section>
  );
}

/** Its texts last, since they are long: where the last of them ends, the file does. */
function FileBody({ file, end }: { readonly file: FileShown; readonly end: ReactNode }) {
  const texts = textsOf(file);
  return (
    <>
      <Raw value={restOf(file)} label={`About ${file.name}`} end={texts.length === 0 ? end : undefined} />
      {texts.map(([name, text], at) => (
        <Raw
          key={name}
          value={text}
          label={`${name} of ${file.name}`}
          end={at === texts.length - 1 ? end : undefined}
        />
      ))}
    </>
  );
}

/** Texts of several lines are read as such. */
function textsOf({ value }: FileShown): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, one]) =>
    typeof one === "string" && one.includes("\n") ? [[name, one] as const] : [],
  );
}

function restOf(file: FileShown): object {
  const texts = new Set(textsOf(file).map(([name]) => name));
  return Object.fromEntries(Object.entries(file.value).filter(([name]) => !texts.has(name)));
}
