import { Fragment, type ReactNode } from "react";
import { Said } from "./machine.tsx";

/** A sentence of the server with its `names` set as a machine's words. */
export function Told({ text }: { readonly text: string }) {
  return (
    <>
      {text.split("`").map((piece, at) =>
        at % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name
          <Said key={at} text={piece} />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name
          <Fragment key={at}>{piece}</Fragment>
        ),
      )}
    </>
  );
}

/** Names and what they are, as a list of definitions. */
export function Facts({ of }: { readonly of: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {of.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
