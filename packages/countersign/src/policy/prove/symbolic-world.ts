import type { EntitySymbol, RecordSymbol } from "./symbol.ts";
import type { Formula } from "./term.ts";

/** An entity that came with the request, where a solver may choose what it is. */
export interface KnownEntity {
  readonly is: EntitySymbol;
  readonly attributes: RecordSymbol;
  readonly tags: RecordSymbol;
  /** Whether it is a member of an entity other than itself. */
  within(other: EntitySymbol): Formula;
}

/** What expressions are translated in: every request of one environment. */
export interface SymbolicWorld {
  readonly principal: EntitySymbol;
  readonly action: EntitySymbol;
  readonly resource: EntitySymbol;
  readonly context: RecordSymbol;
  readonly entities: readonly KnownEntity[];
}
