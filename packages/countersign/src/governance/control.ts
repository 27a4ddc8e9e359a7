import type { OpenHall, Parts, Plane } from "../action/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { CredentialSet, Directory } from "../identity/index.ts";
import type { CompiledPolicies } from "../policy/index.ts";
import type { Stop } from "../stop/index.ts";
import type { Waiver } from "../tiers/index.ts";
import type { Workspace, WorkspaceFiles } from "../workspace/index.ts";
import type { LentProcess } from "./lending.ts";
import type { UnprovenTool } from "./tool-proof.ts";

/** Everything in force at one revision, loaded as a whole and never changed. */
export interface Loaded {
  readonly plane: Plane;
  readonly revision: number;
  /** Absent before the first `apply`: then nobody may do anything. */
  readonly workspace: Workspace | undefined;
  readonly files: WorkspaceFiles;
  readonly directory: Directory;
  readonly catalog: Catalog;
  readonly policies: CompiledPolicies;
  /** Tools that are listed and stay out of force, because the invariants are not proven of them. */
  readonly unproven: ReadonlyMap<string, UnprovenTool>;
  readonly stops: readonly Stop[];
  readonly waivers: readonly (Waiver & { readonly id: string })[];
}

/** What is in force, kept fresh: poked by every change here, told of changes elsewhere, and read again every half second. */
export interface PlaneKeeper {
  current(): Plane;
  /** The same, whole. Fails with `unavailable` like `current`. */
  loaded(): Loaded;
  credentials(): CredentialSet;
  /** Where too much time passed since it was read, as after a pause of this process, waits a moment for it to be read again. */
  awake(): Promise<void>;
  /** Reads again; resolves when this replica enforces what the database says. */
  refresh(): Promise<void>;
  /** Resolves when the invariants were tried of every tool that was listed when it was asked. */
  proven(): Promise<void>;
  /** Tells of each newly loaded revision. */
  onChange(heard: (loaded: Loaded) => void): void;
  /** Tells what any replica says on the channel of cancellations. */
  onCancel(hear: (payload: string) => void): void;
  close(): Promise<void>;
}

/** What the verbs of governance are given. */
export interface Control {
  readonly parts: Parts;
  readonly hall: OpenHall;
  readonly keeper: PlaneKeeper;
  /** The processes of upstream servers here that a stop would end; absent where none are started. */
  readonly endedBy?: (stop: Stop) => readonly LentProcess[];
}
