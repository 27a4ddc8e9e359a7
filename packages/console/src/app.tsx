import { CountersignProblem } from "@countersign/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect } from "react";
import { AddressProvider } from "./address.tsx";
import { KeysProvider } from "./keys.tsx";
import { LiveProvider } from "./live.tsx";
import { OutcomesProvider } from "./outcomes.tsx";
import { copyTimes } from "./parts/copy-times.ts";
import { Session } from "./session.tsx";
import { Frame } from "./shell/frame.tsx";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // What is refused stays refused; what cannot be reached is asked again a little later.
      retry: (failures, cause) =>
        !(cause instanceof CountersignProblem && cause.code !== "unavailable") && failures < 3,
      refetchOnWindowFocus: true,
    },
  },
});

export function App() {
  useEffect(copyTimes, []);
  return (
    <QueryClientProvider client={queries}>
      <AddressProvider>
        <Session>
          <LiveProvider>
            <KeysProvider>
              <OutcomesProvider>
                <Frame />
              </OutcomesProvider>
            </KeysProvider>
          </LiveProvider>
        </Session>
      </AddressProvider>
    </QueryClientProvider>
  );
}
