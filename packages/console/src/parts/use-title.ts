import { useEffect } from "react";

/** What the browser's tab and its history call this page. */
export function useTitle(text: string): void {
  useEffect(() => {
    document.title = `${text} · Countersign`;
  }, [text]);
}
