import { useState } from "react";
import { Send } from "./send.tsx";

interface Read {
  readonly data: { readonly pages: readonly unknown[] } | undefined;
  readonly isError: boolean;
  readonly hasNextPage: boolean;
}

interface Paged extends Pick<Read, "data"> {
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: (how?: { cancelRefetch: false }) => Promise<Read>;
}

/**
 * Reads the next page of a listing. What happens elsewhere has the listing read again at any moment: that neither takes
 * the button away under a finger nor is cut off by it.
 */
export function NextPage({ of, words, busy }: { readonly of: Paged; readonly words: string; readonly busy: string }) {
  const [isAsked, setAsked] = useState(false);
  const isBusy = isAsked || of.isFetchingNextPage;
  const read = async (): Promise<void> => {
    setAsked(true);
    try {
      // Asks the listing itself whether it is being read: what was drawn last may not know.
      const { data, isError, hasNextPage } = await of.fetchNextPage({ cancelRefetch: false });
      const hasCome = (data?.pages.length ?? 0) > (of.data?.pages.length ?? 0);
      if (!hasCome && !isError && hasNextPage) await of.fetchNextPage();
    } finally {
      setAsked(false);
    }
  };
  return (
    <Send type="button" isSending={isBusy} onClick={() => void read()}>
      {isBusy ? busy : words}
    </Send>
  );
}
