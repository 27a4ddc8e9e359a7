import { type FormEvent, useCallback, useState } from "react";

const prefix = "countersign.reason.";
const writer = "countersign.writer";
const out = "countersign.out";

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** What was written stays with this tab until it was sent: also where the session ends in between. Undefined while nothing was. */
export function useKeptText(name: string) {
  const key = `${prefix}${name}`;
  const [text, setText] = useState(() => within((store) => store.getItem(key)) ?? undefined);
  return {
    text,
    write(value: string) {
      within((store) => store.setItem(key, value));
      setText(value);
    },
    /** With `only`, where this is still what is written. */
    forget(only?: string) {
      const isIt = (value: string | null | undefined): boolean => only === undefined || (value ?? "") === only;
      within((store) => isIt(store.getItem(key)) && store.removeItem(key));
      setText((value) => (isIt(value) ? undefined : value));
    },
  };
}

/** The same for all named fields of a form that keep their own values. What is chosen by radio buttons is left to the form. */
export function useKeptForm(name: string) {
  const key = `${prefix}${name}`;
  const ref = useCallback(
    (form: HTMLFormElement | null) => {
      if (form !== null) fill(form, parsed(within((store) => store.getItem(key)) ?? "[]"));
    },
    [key],
  );
  return {
    form: {
      ref,
      onChange(event: FormEvent<HTMLFormElement>) {
        const fields = [...new FormData(event.currentTarget)];
        within((store) => store.setItem(key, JSON.stringify(fields)));
      },
    },
    forget() {
      within((store) => store.removeItem(key));
    },
  };
}

/** Whoever logs out leaves nothing that the next person in this tab would send as their own. */
export function forgetReasons(store: Store): void {
  const keys = Array.from({ length: store.length }, (_, at) => store.key(at) ?? "");
  for (const key of keys) if (key.startsWith(prefix) || key === writer) store.removeItem(key);
}

/** A person until they log out: what one wrote is no other's. */
export function writerOf(person: string): string {
  return `${person} ${within(() => localStorage.getItem(out)) ?? ""}`;
}

/** Whose what is kept in this tab is; null where nobody was logged in here. */
export function keptFor(store: Store): string | null {
  return store.getItem(writer);
}

/** A session that ends by itself leaves what was written to the same person alone, until they log out in any tab. */
export function keepFor(person: string): void {
  within((store) => {
    const now = writerOf(person);
    if (store.getItem(writer) !== now) forgetReasons(store);
    store.setItem(writer, now);
  });
}

/** Other tabs keep theirs from this page: they forget it when they are next used. */
export function noteLogOut(): void {
  within(() => localStorage.setItem(out, new Date().toISOString()));
}

function fill(form: HTMLFormElement, kept: readonly (readonly [string, string])[]): void {
  if (kept.length === 0) return;
  for (const field of form.elements) {
    const isBox = field instanceof HTMLInputElement && field.type === "checkbox";
    const isText =
      (field instanceof HTMLInputElement && field.type !== "radio") ||
      field instanceof HTMLTextAreaElement ||
      field instanceof HTMLSelectElement;
    if (isBox) field.checked = kept.some(([name, value]) => name === field.name && value === field.value);
    else if (isText) field.value = kept.find(([name]) => name === field.name)?.[1] ?? field.value;
  }
}

function parsed(text: string): readonly (readonly [string, string])[] {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isField) : [];
  } catch {
    return [];
  }
}

function isField(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "string");
}

const refused = new Map<string, string>();

/** What this browser keeps for all its tabs; what it refuses to keep lasts as long as the page. */
export const browserStore: Pick<Storage, "getItem" | "setItem" | "removeItem"> = {
  getItem: (name) => refused.get(name) ?? within(() => localStorage.getItem(name)) ?? null,
  setItem(name, value) {
    refused.set(name, value);
    within(() => {
      localStorage.setItem(name, value);
      refused.delete(name);
    });
  },
  removeItem(name) {
    refused.delete(name);
    within(() => localStorage.removeItem(name));
  },
};

/** A browser may refuse to keep anything: then what is written lasts as long as the page. */
export function within<T>(use: (store: Storage) => T): T | undefined {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
}
