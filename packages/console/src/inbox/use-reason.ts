import { useKeptText } from "../parts/kept.ts";

/** The reason of an answer: kept in this tab until the answer was given. */
export function useReason(action: string) {
  const { text = "", ...kept } = useKeptText(action);
  return { text, ...kept };
}
