import { useState } from "react";

/** What was written stays with this tab until it was sent: also where the session ends in between. */
export function useReason(action: string) {
  const name = `countersign.reason.${action}`;
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
