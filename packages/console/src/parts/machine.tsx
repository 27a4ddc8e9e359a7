import { seen } from "@countersign/contract";
import { type ReactNode, useState } from "react";

/** What a machine or a stranger said, in place: escaped, never markup, never a link. */
export function Said({ text }: { readonly text: string }) {
  return (
    <bdi className="machine">
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

const firstChars = 40_000;

/** A whole value to the last byte. What is very long comes in parts, and how much follows is always said. */
export function Raw({
  value,
  label,
  end,
}: {
  readonly value: unknown;
  readonly label: string;
  /** Comes once all of it is shown. */
  readonly end?: ReactNode;
}) {
  const [shown, setShown] = useState(firstChars);
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const rest = text.length - shown;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard */}
      <section aria-label={label} className="raw" tabIndex={0}>
        <Said text={text.slice(0, shown)} />
        {rest <= 0 ? end : null}
      </section>
      {rest <= 0 ? null : (
        <p className="warn" role="status">
          {count(rest)} more characters of {count(text.length)} are not shown yet.{" "}
          <button type="button" onClick={() => setShown(shown + 400_000)}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}

export function count(number: number): string {
  return number.toLocaleString("en");
}

/** A digest or an id by its beginning; the whole on hover, and what is copied. */
export function Short({ of, length = 8 }: { readonly of: string; readonly length?: number }) {
  const text = of.replace(/^sha256:/, "");
  return (
    <code title={of}>
      {text.slice(0, length)}
      <span className="unseen">{text.slice(length)}</span>
    </code>
  );
}
