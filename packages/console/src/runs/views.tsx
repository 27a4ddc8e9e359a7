import { useState } from "react";
import { A } from "../address.tsx";
import { browserStore } from "../parts/kept.ts";
import { dropView, isOf, keepView, readViews, type ViewPage } from "./saved-views.ts";

/** Searches of a page that this browser keeps by name. */
export function Views({ of }: { readonly of: ViewPage }) {
  const [views, setViews] = useState(() => readViews(browserStore));
  const [isNaming, setNaming] = useState(false);
  return (
    <div className="bar views">
      {views
        .filter((view) => isOf(view, of))
        .map(({ name, to }) => (
          <span key={name} className="view">
            <A to={to}>{name}</A>
            <button
              type="button"
              className="quiet"
              aria-label={`Forget the view ${name}`}
              onClick={() => setViews(dropView(browserStore, of, name))}
            >
              ×
            </button>
          </span>
        ))}
      {isNaming ? (
        <form
          className="bar"
          onSubmit={(event) => {
            event.preventDefault();
            const name = String(new FormData(event.currentTarget).get("name") ?? "");
            const at = new URL(location.href);
            for (const place of ["peek", "cursor"]) at.searchParams.delete(place);
            setViews(keepView(browserStore, { name, to: `${of}${at.search}` }));
            setNaming(false);
          }}
        >
          <label>
            <span className="unseen">Name of this view</span>
            {/* biome-ignore lint/a11y/noAutofocus: the field was asked for with the button that it stands for */}
            <input name="name" required maxLength={60} placeholder="Name of this view" autoFocus />
          </label>
          <button type="submit">Keep</button>
          <button type="button" onClick={() => setNaming(false)}>
            Not now
          </button>
        </form>
      ) : (
        <button type="button" className="quiet" onClick={() => setNaming(true)}>
          Keep this view
        </button>
      )}
    </div>
  );
}
