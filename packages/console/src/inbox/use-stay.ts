import { useEffect } from "react";

/** Has the browser ask before the page is closed while an answer waits in it: closed, it would have answered nothing. */
export function useStay(isWaiting: boolean): void {
  useEffect(() => {
    if (!isWaiting) return;
    const leaving = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", leaving);
    return () => removeEventListener("beforeunload", leaving);
  }, [isWaiting]);
}
