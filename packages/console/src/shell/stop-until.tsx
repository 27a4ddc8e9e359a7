import { useId } from "react";

const lengths = [
  ["until it is lifted", "0"],
  ["for 15 minutes", "900000"],
  ["for an hour", "3600000"],
  ["for a day", "86400000"],
  ["until a moment that you choose", "moment"],
] as const;

const minuteMs = 60_000;
const longestMs = 365 * 86_400_000;

/** How long a stop lasts: one of the usual lengths, or until a moment by the clock of this browser. */
export function StopUntil({
  kept,
  isPast,
  changed,
}: {
  readonly kept: { readonly text: string | undefined; write(value: string): void };
  /** The moment went by while the form stood open. */
  readonly isPast: boolean;
  readonly changed: () => void;
}) {
  const zone = useId();
  const { text = "0" } = kept;
  const nowMs = Date.now();
  return (
    <>
      <label>
        Until when
        <select
          name="for"
          value={text}
          onChange={({ currentTarget }) => {
            kept.write(currentTarget.value);
            changed();
          }}
        >
          {lengths.map(([words, value]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {text === "moment" ? (
        <label>
          Until
          <input
            type="datetime-local"
            name="until"
            required
            // The next whole minute may be past by the time that it is sent.
            min={minuteOf(nowMs + 2 * minuteMs)}
            max={minuteOf(nowMs + longestMs)}
            aria-invalid={isPast}
            aria-describedby={zone}
            onChange={changed}
          />
          <small id={zone} role={isPast ? "alert" : undefined}>
            {isPast ? "This moment is past, and nothing was stopped. " : ""}In the time of{" "}
            {Intl.DateTimeFormat().resolvedOptions().timeZone}; a year from now at most.
          </small>
        </label>
      ) : null}
    </>
  );
}

/** What the form says, in milliseconds from now: none are left of a moment that is past. Undefined where only a person ends it. */
export function lengthOf(form: FormData, nowMs: number): number | undefined {
  const chosen = String(form.get("for"));
  if (chosen === "0") return undefined;
  if (chosen !== "moment") return Number(chosen);
  const leftMs = Date.parse(String(form.get("until"))) - nowMs;
  return leftMs >= 1_000 ? leftMs : 0;
}

/** A moment as its field has it: in local time, to the minute. */
function minuteOf(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * minuteMs).toISOString().slice(0, 16);
}
