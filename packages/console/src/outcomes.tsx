import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

/** What became of something that a person did, wherever they went meanwhile. */
export interface Outcome {
  readonly text: string;
  readonly isBad?: boolean;
  /** The action that it was done to: how that stands is said as long as this is shown. */
  readonly action?: string;
  /** What has to be known of single ones, where it was done to several. */
  readonly each?: readonly { readonly to: string; readonly words: string; readonly text: string }[];
  /** Where there is more of it. */
  readonly link?: { readonly to: string; readonly words: string };
}

interface Outcomes {
  readonly last: Outcome | undefined;
  tell(outcome: Outcome | undefined): void;
}

const Told = createContext<Outcomes | undefined>(undefined);

export function OutcomesProvider({ children }: { readonly children: ReactNode }) {
  const [last, tell] = useState<Outcome | undefined>(undefined);
  const outcomes = useMemo(() => ({ last, tell }), [last]);
  return <Told value={outcomes}>{children}</Told>;
}

export function useOutcomes(): Outcomes {
  const outcomes = useContext(Told);
  if (outcomes === undefined) throw new Error("nothing above this tells outcomes");
  return outcomes;
}
