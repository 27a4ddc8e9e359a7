import * as api from "@countersign/contract/api";
import { diffPolicies, type PolicyDiff, provePolicies } from "../../../governance/index.ts";
import { type Proof, requestSentence } from "../../../policy/index.ts";
import { type Route, route } from "../route.ts";
import { ok } from "./answers.ts";

const maxWorkspaceBytes = 8_388_608;

/** What is proven of policies before they are in force. */
export const proofRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/policies/prove",
    summary:
      "What is proven of the policies that these files give: each invariant, with a request where it does not hold",
    who: { person: "read-private" },
    body: api.proveBody,
    maxBytes: maxWorkspaceBytes,
    answers: { 200: { schema: api.proofs } },
    async run({ setting, body }) {
      const proofs = await provePolicies(setting.sources, body.files, body.invariant);
      const unproven = [...setting.control.keeper.loaded().unproven.values()];
      return ok({
        holds: proofs.every(({ answer }) => answer === "proved"),
        unproven: unproven.map(({ tool, why = null }) => ({ tool, why })),
        invariants: proofs.map(proofShown),
      });
    },
  }),
  route({
    method: "POST",
    path: "/v1/policies/diff",
    summary: "What these files newly allow, deny and ask people for: a request for each, or proven to be none",
    who: { person: "read-private" },
    body: api.diffBody,
    maxBytes: 2 * maxWorkspaceBytes,
    answers: { 200: { schema: api.policyDiff } },
    async run({ setting, body }) {
      return ok(diffShown(await diffPolicies(setting.control, setting.sources, body.files, body.against)));
    },
  }),
];

function proofShown(proof: Proof) {
  const { name, title, source, never, when } = proof.invariant;
  const { answer, environments, milliseconds, solver = null } = proof;
  const shown = { name, title, source, never, when, answer, environments, solver, milliseconds };
  if (proof.answer === "not decided") return { ...shown, why: `for \`${proof.tool}\` (${proof.verb}): ${proof.why}` };
  if (proof.answer === "proved") return shown;
  const { input, decision } = proof.replayed;
  const { effect, sentence, determining } = decision;
  return {
    ...shown,
    sentence: requestSentence(input),
    decision: { effect, sentence, determining: determining.map(({ id }) => id) },
    request: input,
  };
}

function diffShown({ findings, solver, ...rest }: PolicyDiff) {
  return {
    ...rest,
    solver: solver ?? null,
    findings: findings.map((finding) => {
      if (finding.answer === "not decided") return finding;
      const { input, ...shown } = finding;
      return { ...shown, sentence: requestSentence(input), request: input };
    }),
  };
}
