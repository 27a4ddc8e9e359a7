import type {
  Agent,
  Applied,
  Catalog,
  CliMade,
  Credential,
  CredentialUses,
  Files,
  Gap,
  Governed,
  Group,
  KeyBody,
  KeyShown,
  LinkMade,
  LoggedOut,
  LoginsEnded,
  Me,
  MinimalGrants,
  Now,
  Passkey,
  Person,
  Planned,
  Policies,
  PolicyDiff,
  PolicyFindings,
  Proofs,
  Proposal,
  ProposalLine,
  ProseDraft,
  PublicKeyBody,
  Review,
  ReviewBody,
  Roles,
  SealingRotated,
  SealingState,
  SecretKept,
  SecretLine,
  SecretRemoved,
  ToolDefinition,
  ToolList,
  WaiverBody,
  WaiverMade,
  Waivers,
  WorkflowRow,
  WorkflowRules,
  WorkspaceFiles,
  WorkspaceState,
} from "./body.ts";
import type { Wire } from "./wire.ts";

const id = encodeURIComponent;

/** Agents, their keys, and people. */
export function identityOf(wire: Wire) {
  return {
    me: (): Promise<Me> => wire.json({ method: "GET", path: "/v1/me" }),
    /** How much goes on and waits at this moment. */
    now: (): Promise<Now> => wire.json({ method: "GET", path: "/v1/now" }),
    /** Who may do what to the plane: the closed table of deeds and roles. */
    roles: (): Promise<Roles> => wire.json({ method: "GET", path: "/v1/roles" }),
    /** Ends the credential that this client is logged in with. */
    logOut: (): Promise<LoggedOut> => wire.json({ method: "POST", path: "/v1/logout", body: {} }),
    /** A person's passkeys; without a name one's own. They are made in a browser. */
    passkeys: async (person?: string): Promise<readonly Passkey[]> =>
      (await wire.json<{ passkeys: readonly Passkey[] }>({ method: "GET", path: "/v1/passkeys", query: { person } }))
        .passkeys,
    removePasskey: (passkey: string): Promise<Governed> =>
      wire.json({ method: "DELETE", path: `/v1/passkeys/${id(passkey)}` }),
    agents: async (): Promise<readonly Agent[]> =>
      (await wire.json<{ agents: readonly Agent[] }>({ method: "GET", path: "/v1/agents" })).agents,
    people: async (): Promise<readonly Person[]> =>
      (await wire.json<{ people: readonly Person[] }>({ method: "GET", path: "/v1/people" })).people,
    groups: async (): Promise<readonly Group[]> =>
      (await wire.json<{ groups: readonly Group[] }>({ method: "GET", path: "/v1/groups" })).groups,
    /** The key stands in this answer once and nowhere else. */
    issueKey: (agent: string, body: KeyBody): Promise<KeyShown> =>
      wire.json({ method: "POST", path: `/v1/agents/${id(agent)}/keys`, body }),
    rotateKey: (agent: string, body: KeyBody): Promise<KeyShown> =>
      wire.json({ method: "POST", path: `/v1/agents/${id(agent)}/keys/rotate`, body }),
    registerPublicKey: (agent: string, body: PublicKeyBody): Promise<{ readonly credential: string }> =>
      wire.json({ method: "POST", path: `/v1/agents/${id(agent)}/public-keys`, body }),
    credentials: async (subject?: string): Promise<readonly Credential[]> =>
      (
        await wire.json<{ credentials: readonly Credential[] }>({
          method: "GET",
          path: "/v1/credentials",
          query: { subject },
        })
      ).credentials,
    /** Who used which credential from where, and which of them seem to have two users. */
    uses: (days?: number): Promise<CredentialUses> =>
      wire.json({ method: "GET", path: "/v1/credentials/uses", query: { days } }),
    revoke: (credential: string, because: string): Promise<unknown> =>
      wire.json({ method: "POST", path: `/v1/credentials/${id(credential)}/revoke`, body: { because } }),
    invite: (email: string): Promise<LinkMade> =>
      wire.json({ method: "POST", path: `/v1/people/${id(email)}/link`, body: {} }),
    gaps: async (): Promise<readonly Gap[]> =>
      (await wire.json<{ gaps: readonly Gap[] }>({ method: "GET", path: "/v1/gaps" })).gaps,
    /** Logs a person out everywhere at once. `forget`: also their passkeys, and what the identity provider said. */
    endLogins: (email: string, reason: string, forget: boolean): Promise<LoginsEnded> =>
      wire.json({ method: "POST", path: `/v1/people/${id(email)}/end-logins`, body: { reason, forget } }),
    /** Uses a login link up: a credential for a person's command line. */
    logIn: (link: string, note: string): Promise<CliMade> =>
      wire.json({ method: "POST", path: "/v1/login/cli", body: { link, note } }),
  };
}

/** The rules: workspace files, workflows, tools, policies, waivers. */
export function rulesOf(wire: Wire) {
  return {
    workspace: (): Promise<WorkspaceState> => wire.json({ method: "GET", path: "/v1/workspace" }),
    plan: (files: Files): Promise<Planned> =>
      wire.json({ method: "POST", path: "/v1/workspace/plan", body: { files }, waitMs: 30_000 }),
    /** Puts files in force where the organisation is one person; else proposes them to a second one. */
    apply: (files: Files, expected?: string): Promise<Applied> =>
      wire.json({
        method: "POST",
        path: "/v1/workspace/apply",
        body: { files, ...(expected === undefined ? {} : { expected }) },
        waitMs: 30_000,
      }),
    /** Workspaces that wait for a second person. */
    proposals: async (): Promise<readonly ProposalLine[]> =>
      (await wire.json<{ proposals: readonly ProposalLine[] }>({ method: "GET", path: "/v1/proposals" })).proposals,
    proposal: (proposal: string): Promise<Proposal> =>
      wire.json({ method: "GET", path: `/v1/proposals/${id(proposal)}` }),
    signProposal: (proposal: string, digest: string): Promise<Applied> =>
      wire.json({ method: "POST", path: `/v1/proposals/${id(proposal)}/sign`, body: { digest }, waitMs: 30_000 }),
    withdrawProposal: (proposal: string, reason: string): Promise<Governed> =>
      wire.json({ method: "POST", path: `/v1/proposals/${id(proposal)}/withdraw`, body: { reason } }),
    workflows: async (): Promise<readonly WorkflowRow[]> =>
      (await wire.json<{ workflows: readonly WorkflowRow[] }>({ method: "GET", path: "/v1/workflows" })).workflows,
    /** A workflow's rules of the road as two paragraphs, and the file in force that they are made of. */
    road: (workflow: string): Promise<WorkflowRules> =>
      wire.json({ method: "GET", path: `/v1/workflows/${id(workflow)}/rules` }),
    /** Such prose as a draft of a workflow file. */
    draftRoad: (prose: string): Promise<ProseDraft> =>
      wire.json({ method: "POST", path: "/v1/workflows/draft", body: { prose } }),
    /** The files in force, whole. */
    files: (): Promise<WorkspaceFiles> => wire.json({ method: "GET", path: "/v1/workspace/files" }),
    tools: (): Promise<ToolList> => wire.json({ method: "GET", path: "/v1/tools" }),
    tool: (tool: string): Promise<ToolDefinition> =>
      wire.json({ method: "GET", path: "/v1/tools/definition", query: { tool } }),
    catalog: (): Promise<Catalog> => wire.json({ method: "GET", path: "/v1/catalog" }),
    reviews: async (): Promise<readonly Review[]> =>
      (await wire.json<{ reviews: readonly Review[] }>({ method: "GET", path: "/v1/catalog/reviews" })).reviews,
    review: (body: ReviewBody): Promise<Governed> => wire.json({ method: "POST", path: "/v1/catalog/reviews", body }),
    policies: (): Promise<Policies> => wire.json({ method: "GET", path: "/v1/policies" }),
    /** What is proven of the policies that these files give; a solver has up to 40 seconds. */
    prove: (files: Files, invariant?: string): Promise<Proofs> =>
      wire.json({
        method: "POST",
        path: "/v1/policies/prove",
        body: { files, ...(invariant === undefined ? {} : { invariant }) },
        waitMs: 90_000,
      }),
    /** What these files newly allow, deny and ask people for, against others or what is in force. */
    policyDiff: (files: Files, against?: Files): Promise<PolicyDiff> =>
      wire.json({
        method: "POST",
        path: "/v1/policies/diff",
        body: { files, ...(against === undefined ? {} : { against }) },
        waitMs: 90_000,
      }),
    /** Rules that say nothing new; with days also those that decided nothing in them. */
    findings: (unusedDays?: number): Promise<PolicyFindings> =>
      wire.json({
        method: "GET",
        path: `/v1/policies/findings${unusedDays === undefined ? "" : `?unused=${unusedDays}`}`,
        waitMs: 60_000,
      }),
    /** What a workflow used of its grants, and a narrower file. */
    minimalGrants: (workflow: string, days: number): Promise<MinimalGrants> =>
      wire.json({ method: "GET", path: `/v1/workflows/${id(workflow)}/grants?days=${days}`, waitMs: 60_000 }),
    waivers: (): Promise<Waivers> => wire.json({ method: "GET", path: "/v1/waivers" }),
    proposeWaiver: (body: WaiverBody): Promise<WaiverMade> => wire.json({ method: "POST", path: "/v1/waivers", body }),
    signWaiver: (waiver: string): Promise<unknown> =>
      wire.json({ method: "POST", path: `/v1/waivers/${id(waiver)}/sign`, body: {} }),
    endWaiver: (waiver: string, reason: string): Promise<unknown> =>
      wire.json({ method: "POST", path: `/v1/waivers/${id(waiver)}/end`, body: { reason } }),
    secrets: async (): Promise<readonly SecretLine[]> =>
      (await wire.json<{ secrets: readonly SecretLine[] }>({ method: "GET", path: "/v1/secrets" })).secrets,
    sealing: (): Promise<SealingState> => wire.json({ method: "GET", path: "/v1/secrets/key" }),
    /** A new sealing key. It is in force at once; `sealing` says how much the old one still seals. */
    rotateSealing: (): Promise<SealingRotated> =>
      wire.json({ method: "POST", path: "/v1/secrets/key/rotate", body: {} }),
    putSecret: (name: string, value: string): Promise<SecretKept> =>
      wire.json({ method: "POST", path: "/v1/secrets", body: { name, value } }),
    /** Destroys every version of it. Where files in force refer to it that takes a reason, and what needs it fails then. */
    removeSecret: (name: string, although?: string): Promise<SecretRemoved> =>
      wire.json({
        method: "POST",
        path: "/v1/secrets/remove",
        body: { name, ...(although === undefined ? {} : { although }) },
      }),
  };
}
