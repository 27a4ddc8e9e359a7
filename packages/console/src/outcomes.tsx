import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { type Outcome, toldOn } from "./outcome.ts";

interface Outcomes {
  readonly all: readonly Outcome[];
  tell(outcome: Outcome): void;
  putAway(outcome: Outcome): void;
}

const Told = createContext<Outcomes | undefined>(undefined);

export function OutcomesProvider({ children }: { readonly children: ReactNode }) {
  const [all, set] = useState<readonly Outcome[]>([]);
  const tell = useCallback((outcome: Outcome): void => set((before) => toldOn(before, outcome)), []);
  const outcomes = useMemo(
    () => ({
      all,
      tell,
      putAway: (outcome: Outcome): void => set((before) => before.filter((one) => one !== outcome)),
    }),
    [all, tell],
  );
  return <Told value={outcomes}>{children}</Told>;
}

export function useOutcomes(): Outcomes {
  const outcomes = useContext(Told);
  if (outcomes === undefined) throw new Error("nothing above this tells outcomes");
  return outcomes;
}
