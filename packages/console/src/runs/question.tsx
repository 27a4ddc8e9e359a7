import type { ReactNode } from "react";
import { Raw } from "../parts/machine.tsx";

/** One of the six: its answer, with the evidence folded beneath. */
export function Question({
  at,
  asks,
  answer,
  beside,
  children,
}: {
  readonly at: number;
  readonly asks: string;
  readonly answer: ReactNode;
  /** Shown with the answer, not folded. */
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className="question">
      <h2>
        <span aria-hidden="true">{at}</span> {asks}
      </h2>
      <p>{answer}</p>
      {beside}
      <details>
        <summary>Evidence</summary>
        {children}
      </details>
    </section>
  );
}

/** One piece of the evidence; nothing where there is none. */
export function Part({ label, value }: { readonly label: string; readonly value: unknown }) {
  if (value === undefined || value === null || value === "") return null;
  return (
    <>
      <p className="quiet">{label}</p>
      <Raw value={value} label={label} />
    </>
  );
}
