import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

/** Where the console is: the path and the query of its address. Every state of a view stands there. */
export interface Address {
  /** Without the slash at its start, by part. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  go(to: string): void;
  /** Changes one member of the query in place; an empty value takes it away. */
  put(changes: Readonly<Record<string, string | undefined>>): void;
}

const Here = createContext<Address | undefined>(undefined);

const read = (): string => `${location.pathname}${location.search}`;

export function AddressProvider({ children }: { readonly children: ReactNode }) {
  const [at, setAt] = useState(read);
  useEffect(() => {
    const moved = (): void => setAt(read());
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const address = useMemo((): Address => {
    const url = new URL(at, location.origin);
    const parts = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
    return {
      parts,
      query: url.searchParams,
      go(to) {
        history.pushState(null, "", to);
        setAt(read());
      },
      put(changes) {
        const query = new URLSearchParams(url.searchParams);
        for (const [name, value] of Object.entries(changes)) {
          if (value === undefined || value === "") query.delete(name);
          else query.set(name, value);
        }
        const text = query.toString();
        history.replaceState(null, "", `${url.pathname}${text === "" ? "" : `?${text}`}`);
        setAt(read());
      },
    };
  }, [at]);
  return <Here value={address}>{children}</Here>;
}

export function useAddress(): Address {
  const address = useContext(Here);
  if (address === undefined) throw new Error("there is no address above this");
  return address;
}

interface Attributes {
  readonly className?: string | undefined;
  readonly title?: string | undefined;
  readonly "aria-current"?: "page" | "true" | undefined;
  readonly "aria-label"?: string | undefined;
}

/** A link within the console: a real address, opened in place. */
export function A({ to, children, ...rest }: { readonly to: string; readonly children: ReactNode } & Attributes) {
  const { go } = useAddress();
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
