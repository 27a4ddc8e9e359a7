import { useState } from "react";

const prefix = "countersign.reason.";

/** What was written stays with this tab until it was sent: also where the session ends in between. */
export function useReason(action: string) {
  const name = `${prefix}${action}`;
  const [text, setText] = useState(() => sessionStorage.getItem(name) ?? "");
  return {
    text,
    write(value: string) {
      sessionStorage.setItem(name, value);
      setText(value);
    },
    forget: () => sessionStorage.removeItem(name),
  };
}

/** Whoever logs out leaves no reason that the next person in this tab would give as their own. */
export function forgetReasons(store: Pick<Storage, "key" | "length" | "removeItem">): void {
  const keys = Array.from({ length: store.length }, (_, at) => store.key(at) ?? "");
  for (const key of keys) if (key.startsWith(prefix)) store.removeItem(key);
}
