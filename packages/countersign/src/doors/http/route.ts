import type { ServerResponse } from "node:http";
import type { z } from "zod";
import { Problem } from "../../floor/problem.ts";
import type { Caller, Deed, PermissionContext, PersonCaller } from "../../identity/index.ts";
import { readInput } from "./read-input.ts";
import type { HttpSetting } from "./setting.ts";

/** Who may call a route. A deed is asked of the table of permissions: here, or by the verb that knows what it is about. */
export interface Who {
  readonly agent?: true;
  readonly person?: Deed | "any";
  /** The verb asks whether the person may: it alone knows the workflow. */
  readonly inVerb?: true;
}

export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string | Buffer;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Takes the raw response over. */
  readonly stream?: (response: ServerResponse) => void;
  /** Called once the answer was handed to the network. */
  readonly delivered?: () => void;
}

export interface Visit<P, Q, B> {
  readonly setting: HttpSetting;
  readonly who: Caller | PersonCaller | undefined;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly source: string;
  /** Fires where the caller went away, or this server goes down. */
  readonly signal: AbortSignal;
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

interface Shape<P, Q, B> {
  readonly method: Method;
  /** With `:name` for parameters and a final `*` for the rest. */
  readonly path: string;
  readonly summary: string;
  /** `anyone` needs no credentials. */
  readonly who: Who | "anyone";
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  /** The body is a form of a page of ours; it is authenticated with its `csrf` field. */
  readonly form?: true;
  /** Takes the form as it is: the token endpoint has its own rules about it. */
  readonly rawForm?: true;
  /** Takes the body's bytes as they came, whatever they are: what is signed is signed to the byte. */
  readonly rawBytes?: true;
  /** Looking uses something up: whoever only asks for its head gets nothing. */
  readonly once?: true;
  /** A call without an identity leaves a receipt of its refusal. */
  readonly acts?: true;
  readonly maxBytes?: number;
  /** What it answers, by status. */
  readonly answers: Readonly<Record<number, { readonly schema?: z.ZodType; readonly type?: string }>>;
  /** What a person's deed is about, where the door asks. */
  readonly about?: (input: { readonly params: P; readonly query: Q }) => Pick<PermissionContext, "workflow">;
  readonly run: (visit: Visit<P, Q, B>) => Promise<Answer>;
}

export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  /** Read last: a body is not looked at for who may not send it. */
  readonly body: () => unknown;
}

/** A row of the table from which registration, permissions and the OpenAPI description are made. */
export interface Route extends Omit<Shape<never, never, never>, "params" | "query" | "body" | "run" | "about"> {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly handle: (
    base: Omit<Visit<unknown, unknown, unknown>, "params" | "query" | "body">,
    raw: RawInput,
    admit: (about: Pick<PermissionContext, "workflow">) => void,
  ) => Promise<Answer>;
}

/** Declares a route: its input is read by its schemas before it runs. */
export function route<P = undefined, Q = undefined, B = undefined>(shape: Shape<P, Q, B>): Route {
  const { run, about, params, query, body, ...rest } = shape;
  return {
    ...rest,
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    async handle(base, raw, admit) {
      const input = {
        params: (params === undefined ? undefined : readInput(params, raw.params, "path")) as P,
        query: readQuery(query, raw.query) as Q,
      };
      admit(about?.(input) ?? {});
      const sent = raw.body();
      const given = (shape.rawForm === true || shape.rawBytes === true ? sent : readBody(body, sent)) as B;
      return run({ ...base, ...input, body: given });
    },
  };
}

function readQuery<Q>(schema: z.ZodType<Q> | undefined, raw: unknown): Q | undefined {
  if (schema !== undefined) return readInput(schema, raw, "query");
  const [name] = Object.keys(raw ?? {});
  if (name !== undefined)
    throw new Problem("invalid", `there is no parameter \`${name.slice(0, 80).toWellFormed()}\` here`);
  return undefined;
}

function readBody<B>(schema: z.ZodType<B> | undefined, raw: unknown): B | undefined {
  if (schema === undefined && raw !== undefined) throw new Problem("invalid", "this address takes no body");
  if (schema === undefined) return undefined;
  // Where no member is needed, the body is not either.
  const given = raw === undefined && schema.safeParse({}).success ? {} : raw;
  return readInput(schema, given, "body");
}

export function asPerson(visit: { readonly who: Caller | PersonCaller | undefined }): PersonCaller {
  if (visit.who?.kind !== "person") throw new Problem("forbidden", "this is for people");
  return visit.who;
}

export function asAgent(visit: { readonly who: Caller | PersonCaller | undefined }): Caller {
  if (visit.who?.kind !== "agent") throw new Problem("forbidden", "this is for agents");
  return visit.who;
}

export function asCaller(visit: { readonly who: Caller | PersonCaller | undefined }): Caller | PersonCaller {
  if (visit.who === undefined) throw new Problem("not_authenticated", "credentials are missing");
  return visit.who;
}
