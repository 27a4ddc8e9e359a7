import { type ReactNode, Suspense, useEffect, useState } from "react";
import { Guard } from "../shell/guard.tsx";

/**
 * Dialogs that are fetched after the page: as soon as it stands, so that they are there when they are asked for. Once they
 * were asked for they stay, or the browser could not give the focus back to what had opened them. Where they do not come
 * that is said where they would be, and the page stays.
 */
export function WhenAsked({
  isAsked,
  load,
  children,
}: {
  readonly isAsked: boolean;
  /** Fetches what the children are made of. */
  readonly load: () => Promise<unknown>;
  readonly children: ReactNode;
}) {
  const [wasAsked, setAsked] = useState(isAsked);
  if (isAsked && !wasAsked) setAsked(true);
  useEffect(() => {
    // What fails here is fetched again, and told, once it is asked for.
    load().catch(() => undefined);
  }, [load]);
  if (!wasAsked) return null;
  return (
    <Guard>
      <Suspense fallback={null}>{children}</Suspense>
    </Guard>
  );
}
