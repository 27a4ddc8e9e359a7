import type { ReactNode } from "react";

/** What may be wider than the screen and holds nothing to go to: it scrolls by itself, and is reached by keyboard for that. */
export function Wide({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
    <section className="wide" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
