import type { JsonObject, VetoFact } from "@countersign/contract";
import { type Clock, iso } from "../floor/clock.ts";
import { digestText } from "../floor/digest.ts";
import type { Secret } from "../floor/secret.ts";
import { askAuthzen } from "./ask-authzen.ts";
import { askOpaHttp } from "./ask-opa-http.ts";
import { type OpenWasm, openWasm } from "./open-wasm.ts";
import { readVerdict } from "./read-verdict.ts";
import { type Asked, deepest, mostUnderWay, ruleDigest, type VetoRule } from "./veto.ts";

export interface VetoesOptions {
  readonly clock: Clock;
  /** Where bundles lie that are named by a relative path. */
  readonly folder: string;
  readonly lease: (name: string, veto: string) => Promise<{ readonly value: Secret; release(): Promise<void> }>;
}

export interface VetoQuestion {
  readonly question: JsonObject;
  readonly questionDigest: string;
  readonly at: string;
  readonly depth: number;
}

export interface OpenVetoes {
  /** Never throws: what could not be asked is a fact that denies. */
  ask(rule: VetoRule, asked: VetoQuestion): Promise<VetoFact>;
  /** Lets go of what no rule uses any more. */
  use(rules: readonly VetoRule[]): void;
  close(): Promise<void>;
}

/** Asks external decision points, each within its time and bounds. */
export function openVetoes({ clock, folder, lease }: VetoesOptions): OpenVetoes {
  const underWay = new Map<string, number>();
  const bundles = new Map<string, OpenWasm>();

  const put = async (rule: VetoRule, digest: string, { question, depth }: VetoQuestion): Promise<Asked> => {
    if (depth >= deepest) return { fault: `this question came through ${depth} decision points, as in a loop` };
    const count = underWay.get(digest) ?? 0;
    if (count >= mostUnderWay) return { fault: `${mostUnderWay} questions to it are under way already` };
    underWay.set(digest, count + 1);
    try {
      const credential = async () =>
        rule.kind === "opa-wasm" || rule.credential === undefined ? undefined : lease(rule.credential, rule.name);
      switch (rule.kind) {
        case "opa-http":
          return await askOpaHttp({ rule, question, depth, credential });
        case "authzen":
          return await askAuthzen({ rule, question, depth, credential });
        case "opa-wasm": {
          const open = bundles.get(digest) ?? openWasm(rule, folder, clock);
          bundles.set(digest, open);
          return await open.ask(question);
        }
      }
    } catch {
      return { fault: "it could not be asked" };
    } finally {
      underWay.set(digest, (underWay.get(digest) ?? 1) - 1);
    }
  };

  return {
    async ask(rule, asked) {
      const digest = ruleDigest(rule);
      const started = clock.tick();
      const came = await put(rule, digest, asked);
      const microseconds = Math.round((clock.tick() - started) * 1000);
      return factOf(rule, digest, asked, came, microseconds);
    },
    use(rules) {
      const used = new Set(rules.map(ruleDigest));
      for (const [digest, open] of bundles) {
        if (used.has(digest)) continue;
        bundles.delete(digest);
        void open.close();
      }
    },
    async close() {
      await Promise.all([...bundles.values()].map((open) => open.close()));
    },
  };
}

function factOf(
  rule: VetoRule,
  digest: string,
  { questionDigest, at }: VetoQuestion,
  asked: Asked,
  microseconds: number,
): VetoFact {
  const known = {
    veto: rule.name,
    kind: rule.kind,
    rule: digest,
    questionDigest,
    ...(asked.bytes === undefined ? {} : { answerDigest: digestText(asked.bytes) }),
    at: iso(Date.parse(at)),
    microseconds,
  };
  const refused = (fault: string): VetoFact => ({ ...known, effect: "deny", cures: [], obligations: [], fault });
  if ("fault" in asked) return refused(asked.fault);
  const verdict = readVerdict(asked.result);
  if ("fault" in verdict) return refused(verdict.fault);
  const revision = asked.revision ?? verdict.revision;
  return {
    ...known,
    ...verdict,
    ...(revision === undefined ? {} : { revision }),
    ...(asked.decisionId === undefined ? {} : { decisionId: asked.decisionId }),
  };
}
