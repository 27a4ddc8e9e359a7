interface Paged {
  readonly isFetching: boolean;
  readonly isFetchingNextPage: boolean;
  readonly refetch: (how: { cancelRefetch: false }) => Promise<unknown>;
  readonly fetchNextPage: () => Promise<unknown>;
}

/**
 * Reads the next page of a listing. What happens elsewhere has the listing read again at any moment: that neither takes
 * the button away under a finger nor is cut off by it.
 */
export function NextPage({ of, words, busy }: { readonly of: Paged; readonly words: string; readonly busy: string }) {
  const read = async (): Promise<void> => {
    if (of.isFetching) await of.refetch({ cancelRefetch: false });
    await of.fetchNextPage();
  };
  return (
    <button type="button" disabled={of.isFetchingNextPage} onClick={() => void read()}>
      {of.isFetchingNextPage ? busy : words}
    </button>
  );
}
