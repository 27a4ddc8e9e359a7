import { type ComponentProps, useEffect, useRef } from "react";

interface Sending extends Omit<ComponentProps<"button">, "aria-disabled" | "ref"> {
  readonly type: "submit" | "button";
  /** What it asked for is on its way. */
  readonly isSending: boolean;
  /** What it would send is not what was looked at. */
  readonly isDisarmed?: boolean;
}

/**
 * A button that sends or reads something. While that is on its way, and while it is disarmed, it does nothing, Enter in a
 * field of its form neither; it keeps the keyboard's place, which a disabled one would lose. Enter that is held down presses it once.
 */
export function Send({ isSending, isDisarmed = false, onClick, type, ...rest }: Sending) {
  const isOff = isSending || isDisarmed;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const form = button.current?.form ?? button.current;
    const onKey = (event: Event): void => {
      if (!(event instanceof KeyboardEvent) || !event.repeat || event.key !== "Enter") return;
      if (!(event.target instanceof HTMLTextAreaElement)) event.preventDefault();
    };
    form?.addEventListener("keydown", onKey);
    return () => form?.removeEventListener("keydown", onKey);
  }, []);
  return (
    <button
      {...rest}
      ref={button}
      type={type}
      aria-disabled={isOff ? true : undefined}
      onClick={(event) => {
        if (isOff) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
