/** Whose a connection is: every agent's of a workflow, or one person's, for whoever acts for them. */
export type Holder = { readonly workflow: string } | { readonly person: string };

/** What a person let the plane have of an upstream, without its tokens. */
export interface Connection {
  readonly id: string;
  readonly server: string;
  readonly workflow: string | null;
  readonly person: string | null;
  readonly issuer: string;
  readonly clientId: string;
  /** The address that the tokens are for. */
  readonly resource: string;
  readonly scope: string;
  readonly connectedBy: string;
  readonly connectedAt: string;
  /** When the access token ends; null where its server does not say. */
  readonly tokenUntil: string | null;
  readonly renewable: boolean;
  readonly renewedAt: string | null;
  /** Rises with each renewal. */
  readonly version: number;
  /** Why it has to be connected again; null where it works. */
  readonly lapsedBecause: string | null;
}

/** Where the tokens are sealed: under a name that no tools file can refer to and nobody can keep a secret under. */
export function secretOf(connection: string): string {
  return `connection/${connection}`;
}

/** How a person makes, or makes again, a connection of this holder. */
export function commandFor(server: string, holder: Holder): string {
  return `countersign tools connect ${server}${"workflow" in holder ? ` --workflow ${holder.workflow}` : ""}`;
}

export function holderOf({ workflow, person }: Pick<Connection, "workflow" | "person">): Holder {
  return workflow === null ? { person: person ?? "" } : { workflow };
}
