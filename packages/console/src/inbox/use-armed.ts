import { useEffect, useState } from "react";

const armMs = 400;

/** False for a moment after what is shown changed: a press that was meant for the content before does nothing. */
export function useArmed(content: string): boolean {
  const [armed, setArmed] = useState<string | undefined>(undefined);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Counted from when it is drawn: a busy machine draws later than it renders.
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setArmed(content), armMs);
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [content]);
  return armed === content;
}
