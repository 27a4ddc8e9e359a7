import { type ComponentType, createElement, lazy } from "react";

/** A part of the console that did not come, and why, as far as its server says. */
export class Missing extends Error {
  readonly detail: string;
  readonly help: string;
  /** Has the part asked for anew where it is drawn next. */
  readonly renew: () => void;

  constructor({ detail, help }: Told, cause: unknown, renew: () => void = () => undefined) {
    super(detail, { cause });
    this.name = "Missing";
    this.detail = detail;
    this.help = help;
    this.renew = renew;
  }
}

interface Told {
  readonly detail: string;
  readonly help: string;
}

type Load<P> = () => Promise<{ readonly default: ComponentType<P> }>;

/**
 * A part that is fetched once it is first drawn. `lazy` keeps a failure for as long as the page lives: here whoever shows
 * it says when to ask anew, and not before, or what is drawn again and again would ask again and again.
 */
export function later<P extends object>(load: Load<P>): ComponentType<P> {
  const fresh = (): ComponentType<P> => lazy(() => fetched(load, renew)) as unknown as ComponentType<P>;
  let part = fresh();
  function renew(): void {
    part = fresh();
  }
  return (props: P) => createElement(part, props);
}

/** What was loaded, or why it was not. */
export async function fetched<T>(load: () => Promise<T>, renew?: () => void): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw isNotFetched(cause) ? new Missing(await whyMissing(), cause, renew) : cause;
  }
}

/** Told from what falls over while it runs only by the words of Chromium, Firefox and Safari, and of Vite for styles. */
function isNotFetched(cause: unknown): boolean {
  const told = cause instanceof Error ? cause.message : "";
  return /dynamically imported module|importing a module script failed|unable to preload css/i.test(told);
}

const answerMs = 5_000;
const kept = "what you wrote here is kept, and nothing was done";

/** Asks the server for its page of now: it names the scripts that belong together. */
async function whyMissing(): Promise<Told> {
  const mine = document.querySelector<HTMLScriptElement>("script[type=module][src]");
  try {
    const page = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(answerMs) });
    const isRenewed = page.ok && mine !== null && !(await page.text()).includes(mine.getAttribute("src") ?? "");
    if (isRenewed)
      return {
        detail: "the server was renewed, and this page is from before",
        help: `load the page again: ${kept}`,
      };
    if (page.ok)
      return { detail: "a part of this page did not come", help: `try again, or load the page again: ${kept}` };
  } catch {
    // Said below, like a server that answers with an error.
  }
  return {
    detail: "the server did not answer, so a part of this page is missing",
    help: `try again once it answers, or load the page again: ${kept}`,
  };
}
