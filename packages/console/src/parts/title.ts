import { useEffect } from "react";

/** The name of the browser's tab, while the page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Countersign`;
  }, [title]);
}
