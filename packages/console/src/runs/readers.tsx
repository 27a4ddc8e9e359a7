import { useQuery } from "@tanstack/react-query";
import { Ago } from "../parts/ago.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";

/** Who has read a receipt; for auditors and administrators. */
export function Readers({ id }: { readonly id: string }) {
  const readers = useQuery({ queryKey: ["readers", id], queryFn: () => plane().receipts.readers(id), retry: false });
  if (readers.data === undefined) return readers.error === null ? null : <Trouble of={readers.error} />;
  if (readers.data.length === 0) return <p className="quiet">Nobody has read it yet.</p>;
  return (
    <ul>
      {readers.data.map(({ person, how, method, at }) => (
        <li key={`${person} ${how} ${at}`}>
          {person}, as {how}, by {method}, <Ago at={at} />
        </li>
      ))}
    </ul>
  );
}
