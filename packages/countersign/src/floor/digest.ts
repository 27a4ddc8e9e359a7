import { createHash, hash } from "node:crypto";

/** `sha256:` and 64 hex digits of the UTF-8 bytes. */
export function digestText(text: string): string {
  return `sha256:${hash("sha256", text, "hex")}`;
}

export function sha256(...parts: readonly (Uint8Array | string)[]): Buffer {
  const state = createHash("sha256");
  for (const part of parts) state.update(part);
  return state.digest();
}
