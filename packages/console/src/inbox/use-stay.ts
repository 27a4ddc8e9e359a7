import { useEffect } from "react";

/** Has the browser ask before the page is closed while an answer waits in it: closed, it sends it, and nobody hears what came of it. */
export function useStay(isWaiting: boolean): void {
  useEffect(() => (isWaiting ? stay() : undefined), [isWaiting]);
}

/** The same while an answer is on its way, wherever its writer went on to: closed then, nobody would hear what came of it. */
export async function stayUntil<T>(sent: Promise<T>): Promise<T> {
  const free = stay();
  try {
    return await sent;
  } finally {
    free();
  }
}

function stay(): () => void {
  const leaving = (event: BeforeUnloadEvent): void => event.preventDefault();
  addEventListener("beforeunload", leaving);
  return () => removeEventListener("beforeunload", leaving);
}
