import { lookAtHeld } from "../action/index.ts";
import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import type { Secret } from "../floor/secret.ts";
import type { PersonCaller, PublicJwk } from "../identity/index.ts";
import {
  handsOf,
  type IdentityEntry,
  issueKey,
  registerPublicKey,
  requireMay,
  revokeCredential,
  rotateKey,
  vouchersOf,
} from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { observedUntil } from "./observed-until.ts";

export interface KeyRequest {
  readonly agent: string;
  /** One account per agent and environment. */
  readonly environment: string;
  /** The person whom the agent acts for with it. */
  readonly onBehalfOf?: string;
  readonly note?: string;
  readonly expiresInMs?: number;
}

export interface KeyShown {
  readonly credential: string;
  readonly expiresAt: string;
  /** Shown once; stored only as a hash. */
  readonly shownOnce: Secret;
  readonly replaces?: string;
  /** Until this day the rules of the agent's workflow do not bite. */
  readonly observedUntil?: string;
}

/** A key for an agent, shown once. Two may live at a time, so that one can be rotated without a gap. */
export async function issueAgentKey(control: Control, person: PersonCaller, request: KeyRequest): Promise<KeyShown> {
  const made = permitted(control, person, request);
  return issued(control, made.by, request, (tx) => issueKey(tx, control.parts.clock, { ...request, ...made }));
}

/** A new key beside the live one; the old one lives until it is revoked. */
export async function rotateAgentKey(control: Control, person: PersonCaller, request: KeyRequest): Promise<KeyShown> {
  const made = permitted(control, person, request);
  return issued(control, made.by, request, (tx) => rotateKey(tx, control.parts.clock, { ...request, ...made }));
}

/** The first key of the example workspace, handed to whoever starts the server on an empty data folder. */
export async function issueFirstKey(control: Control, request: KeyRequest): Promise<KeyShown> {
  return issued(control, "countersign", request, (tx) =>
    issueKey(tx, control.parts.clock, { ...request, by: "countersign" }),
  );
}

export async function registerAgentPublicKey(
  control: Control,
  person: PersonCaller,
  request: KeyRequest & { readonly jwk: PublicJwk },
): Promise<{ readonly credential: string }> {
  const made = permitted(control, person, request);
  let credential = "";
  const entry: { value?: IdentityEntry } = {};
  await govern(control, {
    kind: "credential",
    person: made.by,
    agent: request.agent,
    payload: { deed: "registered a public key", ...accountOf(request) },
    change: async (tx) => {
      const registered = await registerPublicKey(tx, control.parts.clock, { ...request, ...made });
      credential = registered.credential.id;
      entry.value = registered.entry;
    },
  });
  return { credential };
}

/** Ends a credential at once, everywhere. */
export async function revokeAgentCredential(
  control: Control,
  person: PersonCaller,
  id: string,
  because: string,
): Promise<void> {
  const known = control.keeper.credentials().byId.get(id);
  if (known === undefined) throw new Problem("not_found", `there is no live credential \`${id.slice(0, 60)}\``);
  requireMay(person, "revoke-key", contextOf(control, "agent" in known ? { agent: known.agent } : {}));
  await govern(control, {
    kind: "credential",
    person: person.email,
    payload: { deed: "revoked", credential: id, because },
    change: async (tx) => {
      await revokeCredential(tx, control.parts.clock, { which: { id }, by: person.email, because });
      if ("agent" in known) await lookAtHeld(tx, known);
    },
  });
}

interface Maker {
  readonly by: string;
  readonly vouchedBy: readonly string[];
}

/**
 * Who makes it, and whose hands are behind the person whom it acts for: an agent that one person lets act for another
 * asks for approvals that neither of them can give.
 */
function permitted(control: Control, person: PersonCaller, request: KeyRequest): Maker {
  if (!control.keeper.loaded().directory.agents.has(request.agent)) {
    throw new Problem("not_found", `there is no agent \`${request.agent.slice(0, 100)}\` with a workflow`, {
      help: "agents are declared in countersign.yaml and named in a workflow file",
    });
  }
  requireMay(person, "issue-key", contextOf(control, { agent: request.agent }));
  const { onBehalfOf } = request;
  const made = { by: person.email, vouchedBy: vouchersOf(handsOf(person), onBehalfOf ?? person.email) };
  if (onBehalfOf === undefined || onBehalfOf === person.email) return made;
  if (!control.keeper.loaded().directory.people.has(onBehalfOf)) {
    throw new Problem("not_found", `there is no person \`${onBehalfOf.slice(0, 100)}\` in the workspace`);
  }
  // A key that acts for somebody else uses what they have connected: only who could log in as them may make one.
  requireMay(person, "issue-link", contextOf(control, {}));
  return made;
}

function accountOf({ agent, environment, onBehalfOf }: KeyRequest) {
  return { agent, environment, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
}

async function issued(
  control: Control,
  by: string,
  request: KeyRequest,
  make: (tx: Tx) => ReturnType<typeof issueKey>,
): Promise<KeyShown> {
  let made: (Awaited<ReturnType<typeof issueKey>> & { readonly replaces?: string }) | undefined;
  await govern(control, {
    kind: "credential",
    person: by,
    agent: request.agent,
    payload: { deed: "issued", ...accountOf(request) },
    change: async (tx) => {
      made = await make(tx);
    },
  });
  if (made === undefined) throw new Error("a key was recorded and not made");
  const until = observedUntil(control, request.agent);
  return {
    credential: made.credential.id,
    expiresAt: new Date(made.credential.expiresAtMs).toISOString(),
    shownOnce: made.shownOnce,
    ...(made.replaces === undefined ? {} : { replaces: made.replaces }),
    ...(until === undefined ? {} : { observedUntil: until }),
  };
}
