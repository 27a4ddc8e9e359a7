import { useRef, useState } from "react";
import { later } from "../parts/later.ts";
import { WhenAsked } from "../parts/when-asked.tsx";
import type { Request } from "./shape.ts";

const load = () => import("./glass-dialog.tsx");
const Dialog = later(load);

/** To answer alone, in place of all that are missing: shown to who may, never chosen before, and two steps away. */
export function GlassPart({ of, isReady }: { readonly of: Request; readonly isReady: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const openedAt = useRef(performance.now());
  if (of.breakGlass === undefined || of.shownDigest === undefined || of.frozenBy !== undefined) return null;
  return (
    <>
      <p>
        <button type="button" className="quiet" disabled={!isReady} onClick={() => setOpen(true)}>
          Break the glass …
        </button>
      </p>
      <WhenAsked isAsked={isOpen} load={load}>
        <Dialog
          of={{ ...of, breakGlass: of.breakGlass }}
          openedAt={openedAt.current}
          isOpen={isOpen}
          close={() => setOpen(false)}
        />
      </WhenAsked>
    </>
  );
}
