import type { Checkpoint } from "@countersign/contract";

/** Where a client keeps the last checkpoint that it saw, by the log's origin. It must outlive the process to be worth something. */
export interface PinStore {
  read(origin: string): Promise<string | undefined>;
  write(origin: string, note: string): Promise<void>;
}

/** Forgets with the process: notices a fork only while it runs. */
export function memoryPins(): PinStore {
  const pins = new Map<string, string>();
  return {
    read: async (origin) => pins.get(origin),
    write: async (origin, note) => void pins.set(origin, note),
  };
}

export interface Followed {
  readonly checkpoint: Checkpoint;
  readonly note: string;
  /** `first`: nothing was pinned before. `consistent`: the log only grew since. */
  readonly since: "first" | "same" | "consistent";
}
