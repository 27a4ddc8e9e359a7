import type { Verb } from "@countersign/contract";
import type { ResultLabels } from "../catalog/index.ts";
import type { Tool } from "../catalog/tool.ts";
import type { CallRecord } from "./record.ts";

const goneResult: ResultLabels = { integrity: "untrusted", confidentiality: "secret", fields: [] };

/** A tool that is no longer in the catalog, as the record of an action remembers it: enough to end the action, never to run it. */
export function goneTool(record: CallRecord): Tool {
  const reversal = { kind: "none", reason: "its tool is no longer in the catalog" } as const;
  return {
    server: record.server,
    name: record.tool,
    id: `${record.server}.${record.tool}`,
    definition: { name: record.tool, inputSchema: { type: "object" } },
    digest: record.definitionDigest,
    reviewed: false,
    verbs: [record.verb as Verb],
    outcomes: [{ verb: record.verb as Verb, system: record.system, reversal }],
    classify: () => ({
      verb: record.verb as Verb,
      system: record.system,
      environment: { name: record.environment, production: record.production },
      target: record.target,
      labels: record.labels,
      projected: {},
      flow: { effect: "egress", destinations: [], result: goneResult },
    }),
    reversal,
  };
}
