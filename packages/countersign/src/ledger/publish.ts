import type { Clock } from "../floor/clock.ts";
import type { Log } from "../floor/log.ts";
import type { Anchor } from "./anchor.ts";

export interface AnchorStatus {
  readonly name: string;
  /** Size of the newest checkpoint that it holds. */
  readonly size: number;
  /** Why the last attempt failed. */
  readonly fault: string | null;
}

/** Brings checkpoints to the anchors beside the sequencer's work: an anchor that hangs holds up nothing but itself. */
export class Publisher {
  readonly #places: {
    anchor: Anchor;
    size: number;
    fault: string | null;
    triedAt: number;
    busy: Promise<void> | undefined;
  }[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #everyMs: number;

  constructor(anchors: readonly Anchor[], options: { clock: Clock; log: Log; everyMs: number }) {
    this.#places = anchors.map((anchor) => ({ anchor, size: -1, fault: null, triedAt: -Infinity, busy: undefined }));
    this.#clock = options.clock;
    this.#log = options.log;
    this.#everyMs = options.everyMs;
  }

  /** INVARIANT: `note` is durable in the database already; what was published can never be taken back. */
  offer(note: string, size: number): void {
    const now = this.#clock.tick();
    for (const place of this.#places) {
      // An anchor that took nothing is asked again at the sequencer's own pace.
      const everyMs = place.fault === null ? (place.anchor.everyMs ?? this.#everyMs) : this.#everyMs;
      if (place.busy !== undefined || place.size >= size || now - place.triedAt < everyMs) continue;
      place.triedAt = now;
      place.busy = place.anchor
        .publish(note, size)
        .then(
          () => Object.assign(place, { size, fault: null }),
          (cause: unknown) => {
            place.fault = cause instanceof Error ? cause.message : "unknown";
            this.#log.error({ anchor: place.anchor.name, cause: place.fault }, "a checkpoint could not be anchored");
          },
        )
        .then(() => {
          place.busy = undefined;
        });
    }
  }

  /** What an anchor was found to hold at the start. */
  found(anchor: Anchor, size: number): void {
    for (const place of this.#places) if (place.anchor === anchor) place.size = size;
  }

  status(): readonly AnchorStatus[] {
    return this.#places.map(({ anchor, size, fault }) => ({ name: anchor.name, size, fault }));
  }

  /** Resolves when nothing is under way, or after `ms`: an anchor that hangs must not hold up a shutdown. */
  async idle(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([Promise.all(this.#places.map((place) => place.busy)), late]);
    clearTimeout(timer);
  }
}
