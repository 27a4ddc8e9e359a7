import type { ErasureBody, ErasureMade, ErasureProposal, Governed, Preservation, PreservationBody } from "./body.ts";
import type { Wire } from "./wire.ts";

const id = encodeURIComponent;

/** What is erased for good, and what must not be. */
export function erasuresOf(wire: Wire) {
  return {
    list: async (): Promise<readonly ErasureProposal[]> =>
      (await wire.json<{ proposed: readonly ErasureProposal[] }>({ method: "GET", path: "/v1/erasures" })).proposed,
    propose: (body: ErasureBody): Promise<ErasureMade> =>
      wire.json({ method: "POST", path: "/v1/erasures", body, waitMs: 30_000 }),
    /** Takes a second person; what it names is gone when this resolves. */
    sign: (erasure: string): Promise<ErasureMade> =>
      wire.json({ method: "POST", path: `/v1/erasures/${id(erasure)}/sign`, body: {}, waitMs: 30_000 }),
    /** Legal holds. */
    preservations: async (): Promise<readonly Preservation[]> =>
      (
        await wire.json<{ preservations: readonly Preservation[] }>({
          method: "GET",
          path: "/v1/preservations",
        })
      ).preservations,
    preserve: (body: PreservationBody): Promise<{ readonly id: string; readonly receipt: string }> =>
      wire.json({ method: "POST", path: "/v1/preservations", body }),
    /** Takes a second person. */
    endPreservation: (preservation: string, reason: string): Promise<Governed> =>
      wire.json({ method: "POST", path: `/v1/preservations/${id(preservation)}/end`, body: { reason } }),
  };
}
