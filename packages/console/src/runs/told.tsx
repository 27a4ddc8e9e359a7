import { seen } from "@countersign/contract";
import { Said } from "../parts/machine.tsx";

/** A sentence of the plane: what stands in backticks was said by a machine, and nothing in it can hide. */
export function Told({ text }: { readonly text: string }) {
  const parts = text.split("`");
  return parts.map((part, at) =>
    at % 2 === 1 && at < parts.length - 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have no other name
      <Said key={at} text={part} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have no other name
      <Plain key={at} text={at % 2 === 1 ? `\`${part}` : part} />
    ),
  );
}

/** The same without backticks. */
export function Plain({ text }: { readonly text: string }) {
  return (
    <bdi>
      {seen(text).map(({ text: piece, mark }, at) =>
        mark === undefined ? (
          piece
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name
          <mark key={at} title={mark}>
            {piece}
          </mark>
        ),
      )}
    </bdi>
  );
}
