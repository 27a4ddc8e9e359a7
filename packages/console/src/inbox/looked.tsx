import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from "react";
import type { Request } from "./shape.ts";

/** Which parts of a request had their end in view so far. */
export interface Looked {
  readonly opened: () => readonly string[];
  readonly watch: (end: Element, part: string) => () => void;
}

const LookedAt = createContext<Looked | undefined>(undefined);

/** Begins anew with each content: what was in view of another one does not count. */
export function LookedIn({ of, children }: { readonly of: string; readonly children: ReactNode }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another content is another look
  const { looked, observer } = useMemo(begin, [of]);
  useEffect(() => () => observer.disconnect(), [observer]);
  return <LookedAt.Provider value={looked}>{children}</LookedAt.Provider>;
}

function begin(): { readonly looked: Looked; readonly observer: IntersectionObserver } {
  const opened = new Set<string>();
  const parts = new WeakMap<Element, string>();
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const part = parts.get(target);
      if (isIntersecting && part !== undefined) opened.add(part);
    }
  });
  const watch = (end: Element, part: string) => {
    parts.set(end, part);
    observer.observe(end);
    return () => observer.unobserve(end);
  };
  return { looked: { opened: () => [...opened].sort(), watch }, observer };
}

export function useLooked(): Looked | undefined {
  return useContext(LookedAt);
}

/** Of these, the ones that the server calls parts: an older or newer page may have others. */
export function known(opened: readonly string[], { parts = [] }: Pick<Request, "parts">): readonly string[] {
  return opened.filter((one) => parts.some(({ id }) => id === one));
}

/** Where a part ends: once this is in view, the part was. In what is folded away it never is. */
export function EndOf({ part }: { readonly part: string }) {
  const looked = useLooked();
  const end = useRef<HTMLSpanElement>(null);
  useEffect(() => (end.current === null ? undefined : looked?.watch(end.current, part)), [looked, part]);
  return <span ref={end} data-part={part} />;
}
