import { CountersignProblem } from "@countersign/client";
import { Missing } from "./later.ts";

/** What happened, what was not done, and what to do next. */
export function Trouble({ of, again }: { readonly of: unknown; readonly again?: () => void }) {
  const { detail, help } = told(of);
  return (
    <div className="trouble" role="alert">
      <p>
        <strong>{sentence(detail)}</strong> {sentence(help)}
      </p>
      {again === undefined ? null : (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
      {of instanceof Missing ? (
        <>
          {" "}
          <button type="button" onClick={() => location.reload()}>
            Load the page again
          </button>
        </>
      ) : null}
    </div>
  );
}

function told(thrown: unknown): { readonly detail: string; readonly help: string } {
  if (thrown instanceof Missing) return thrown;
  if (thrown instanceof CountersignProblem)
    return { detail: thrown.detail, help: thrown.help ?? "nothing was changed" };
  return {
    detail: "this page met something it cannot show",
    help: "load it again, and look before you do anything twice",
  };
}

export function sentence(text: string): string {
  const whole = text.trim();
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}${/[.!?]$/.test(whole) ? "" : "."}`;
}
