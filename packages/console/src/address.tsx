import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

/** Where the console is: the path and the query of its address. Every state of a view stands there. */
export interface Address {
  /** The whole of it, as it is shown: the browser's own may be further on already. */
  readonly at: string;
  /** Without the slash at its start, by part. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** How it came to be shown: a link was followed (or the browser went back), or a key, a form or an answer led here. */
  readonly by: "opening" | "link" | "deed";
  go(to: string, by?: "link"): void;
  /** The same in the place of this one: nobody went anywhere. */
  replace(to: string): void;
  /** Changes one member of the query in place; an empty value takes it away. */
  put(changes: Readonly<Record<string, string | undefined>>): void;
}

const Here = createContext<Address | undefined>(undefined);

/** What the browser's address is at this moment, whatever is shown. */
export const here = (): string => `${location.pathname}${location.search}`;

const read = (by: Address["by"]) => ({ at: here(), by });

export function AddressProvider({ children }: { readonly children: ReactNode }) {
  const [{ at, by }, set] = useState(() => read("opening"));
  useEffect(() => {
    const moved = (): void => set(read("link"));
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const address = useMemo((): Address => {
    const url = new URL(at, location.origin);
    const parts = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
    return {
      at,
      parts,
      query: url.searchParams,
      by,
      go(to, how) {
        history.pushState(null, "", to);
        set(read(how ?? "deed"));
      },
      replace(to) {
        history.replaceState(null, "", to);
        set(read("opening"));
      },
      put(changes) {
        const query = new URLSearchParams(url.searchParams);
        for (const [name, value] of Object.entries(changes)) {
          if (value === undefined || value === "") query.delete(name);
          else query.set(name, value);
        }
        const text = query.toString();
        history.replaceState(null, "", `${url.pathname}${text === "" ? "" : `?${text}`}`);
        set(read(by));
      },
    };
  }, [at, by]);
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
        go(to, "link");
      }}
    >
      {children}
    </a>
  );
}
