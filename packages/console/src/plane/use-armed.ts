import { useEffect, useState } from "react";

const armMs = 400;

/** False for a moment after what is shown changed: a press that was meant for the content before does nothing. */
export function useArmed(content: string): boolean {
  const [armed, setArmed] = useState<string | undefined>(undefined);
  useEffect(() => {
    const timer = setTimeout(() => setArmed(content), armMs);
    return () => clearTimeout(timer);
  }, [content]);
  return armed === content;
}
