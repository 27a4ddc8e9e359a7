import type { AnyReceipt } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { A, useAddress } from "../address.tsx";
import { useTitle } from "../parts/title.ts";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { DeedPage } from "./deed-page.tsx";
import { Id } from "./id.tsx";
import { ReceiptPage } from "./receipt-page.tsx";

/** `/actions/ID`: the receipt of an action, or of a deed of people. */
export default function ActionPage() {
  const { parts } = useAddress();
  const [, id] = parts;
  if (id !== undefined) return <One key={id} id={id} />;
  return (
    <div className="empty">
      <h1>Actions</h1>
      <p>
        Every action has its page here, by its id. <A to="/runs?of=actions">All actions</A>, newest first.
      </p>
    </div>
  );
}

function One({ id }: { readonly id: string }) {
  const { query } = useAddress();
  useTitle(`Receipt ${id.slice(0, 12)}`);
  // Each reading of a receipt is written down: it is read again where the action moved, and not otherwise.
  const receipt = useQuery({
    queryKey: ["receipt", id],
    queryFn: (): Promise<AnyReceipt> => plane().receipts.get(id),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const now = useQuery({
    queryKey: ["actions", "one", id],
    queryFn: () => plane().actions.get(id),
    enabled: id.startsWith("act_"),
  });
  const shown = receipt.data === undefined || !("state" in receipt.data) ? undefined : receipt.data.state;
  const { refetch } = receipt;
  useEffect(() => {
    if (shown !== undefined && now.data !== undefined && now.data.state !== shown) void refetch();
  }, [shown, now.data, refetch]);
  const q = query.get("found");
  return (
    <>
      <p className="quiet crumbs">
        <A to="/runs?of=actions">Actions</A> › <Id of={id} />
        {q === null ? null : (
          <>
            {" "}
            · the only one that fits what you pasted. <A to={`/find?q=${encodeURIComponent(q)}&stay=1`}>The search</A>
          </>
        )}
      </p>
      {receipt.error === null ? null : (
        <>
          {receipt.data === undefined ? <h1>Receipt</h1> : null}
          <Trouble of={receipt.error} again={() => void refetch()} />
        </>
      )}
      {now.data === undefined || now.error === null ? null : (
        <Trouble of={now.error} again={() => void now.refetch()} />
      )}
      {receipt.data === undefined ? null : "what" in receipt.data ? (
        <ReceiptPage receipt={receipt.data} />
      ) : (
        <DeedPage deed={receipt.data} />
      )}
    </>
  );
}
