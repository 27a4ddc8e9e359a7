import { Said } from "../parts/machine.tsx";

/** An id by its end: those of one moment begin alike. The whole on hover, and what is copied. */
export function Id({ of }: { readonly of: string }) {
  return (
    <code title={of} className="id">
      {of.slice(0, 4)}
      <span className="unseen">{of.slice(4, -6)}</span>
      <span aria-hidden="true" className="dots" />
      {of.slice(-6)}
    </code>
  );
}

/** In one line what is long by its end, where paths and addresses differ; the whole on hover, and one click away. */
export function Tail({ text, most = 48 }: { readonly text: string; readonly most?: number }) {
  if (text.length <= most) return <Said text={text} />;
  return (
    <span title={text}>
      …<Said text={text.slice(-most)} />
    </span>
  );
}
