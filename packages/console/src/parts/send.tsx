import type { ComponentProps } from "react";

interface Sending extends Omit<ComponentProps<"button">, "aria-disabled"> {
  readonly type: "submit" | "button";
  /** What it asked for is on its way. */
  readonly isSending: boolean;
}

/**
 * A button that sends or reads something. While that is on its way it does nothing, Enter in a field of its form neither;
 * it keeps the keyboard's place, which a disabled one would lose.
 */
export function Send({ isSending, onClick, type, ...rest }: Sending) {
  return (
    <button
      {...rest}
      type={type}
      aria-disabled={isSending ? true : undefined}
      onClick={(event) => {
        if (isSending) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
