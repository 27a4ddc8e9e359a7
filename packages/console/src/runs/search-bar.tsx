import { type ReactNode, useEffect, useRef } from "react";
import { A, useAddress } from "../address.tsx";
import { Told } from "./told.tsx";

const pages = [
  ["runs", "Runs", ""],
  ["actions", "Actions", "actions"],
] as const;

/** The switch between runs and actions, and the typed search; both stand in the address. */
export function SearchTabs({
  of,
  trouble,
}: {
  readonly of: "runs" | "actions";
  readonly trouble?: string | undefined;
}) {
  const q = useAddress().query.get("q") ?? "";
  const to = (other: string): string => {
    const more = new URLSearchParams();
    if (other !== "") more.set("of", other);
    if (q !== "") more.set("q", q);
    return `/runs${more.size === 0 ? "" : `?${more}`}`;
  };
  return (
    <>
      <nav className="tabs" aria-label="What is listed">
        {pages.map(([name, label, value]) => (
          <A key={name} to={to(value)} aria-current={name === of ? "page" : undefined}>
            {label}
          </A>
        ))}
      </nav>
      <SearchBar of={of} trouble={trouble}>
        {of === "runs" ? (
          <>
            <code>agent:</code> <code>workflow:</code> <code>since:</code> and <code>until:</code> narrow runs; actions
            also take <code>tool:</code> <code>state:</code> <code>risk:</code> <code>target:</code> <code>run:</code>{" "}
            and words.
          </>
        ) : (
          <>
            <code>agent:</code> <code>workflow:</code> <code>tool:</code> <code>state:</code> <code>risk:</code>{" "}
            <code>target:</code> <code>since:</code> <code>until:</code> <code>run:</code> and any words, such as{" "}
            <code>state:refused agent:scribe</code>
          </>
        )}
      </SearchBar>
    </>
  );
}

/** A typed search that stands in the address; below it what may be typed, or what is wrong with it. */
export function SearchBar({
  of,
  trouble,
  children,
}: {
  readonly of: string;
  readonly trouble?: string | undefined;
  readonly children: ReactNode;
}) {
  const { query, put } = useAddress();
  const q = query.get("q") ?? "";
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current !== null && document.activeElement !== field.current) field.current.value = q;
  }, [q]);
  return (
    <>
      <form
        className="bar"
        onSubmit={(event) => {
          event.preventDefault();
          put({
            q: String(new FormData(event.currentTarget).get("q") ?? "").trim(),
            peek: undefined,
            cursor: undefined,
          });
        }}
      >
        <label className="grow">
          <span className="unseen">Search {of}</span>
          <input
            ref={field}
            name="q"
            type="search"
            defaultValue={q}
            maxLength={1000}
            aria-describedby="search-help"
            aria-invalid={trouble === undefined ? undefined : true}
          />
        </label>
        <button type="submit">Search</button>
      </form>
      {trouble === undefined ? (
        <p className="quiet" id="search-help">
          {children}
        </p>
      ) : (
        <p className="warn" id="search-help" role="alert">
          <Told text={trouble} /> Nothing was searched.
        </p>
      )}
    </>
  );
}
