import { z } from "zod";
import { roles } from "../identity/caller.ts";
import { callLimitsSchema, durationSchema, emailSchema, nameSchema } from "../workflows/index.ts";
import { approvalsSchema } from "./approvals.ts";
import { decisionLogSchema } from "./decision-log.ts";
import { loginSchema } from "./login.ts";
import { notificationsSchema } from "./notifications.ts";
import { outsideAddressSchema, signedAddressSchema } from "./outside-address.ts";
import { vetoesSchema } from "./vetoes.ts";
import { identitySchema } from "./workload-rules.ts";

const title = z.string().min(1).max(200).meta({ description: "a name, at most 200 characters" });
const note = z.string().min(1).max(2000).meta({ description: "a sentence" });
const path = z.string().min(1).max(1024).meta({ description: "the path of a file" });

const personSchema = z
  .strictObject({
    email: emailSchema,
    name: title,
    roles: z
      .array(z.enum(roles).meta({ description: `one of ${roles.map((role) => `\`${role}\``).join(", ")}` }))
      .min(1)
      .meta({ description: "a list of one or more roles" }),
    groups: z.array(nameSchema).max(200).default([]).meta({ description: "a list of groups' names" }),
    manager: emailSchema.exactOptional().meta({ description: "the e-mail address of the person whom they report to" }),
    disabled: z
      .boolean()
      .default(false)
      .meta({ description: "`true`: may not log in or answer, and the agents that they own are frozen" }),
  })
  .meta({ description: "a person: `email`, `name`, `roles`, and `groups`" });

const agentSchema = z
  .strictObject({
    name: nameSchema,
    owner: emailSchema.meta({ description: "the e-mail address of the person who answers for the agent" }),
    workflow: nameSchema.exactOptional().meta({ description: "the name of its workflow" }),
    purpose: note.exactOptional(),
    identity: identitySchema.exactOptional(),
  })
  .meta({ description: "an agent: `name` and `owner`" });

const publicUrlSchema = z
  .string()
  .max(2000)
  .meta({ description: "the address that people's browsers use, such as `https://countersign.example.com`" })
  .superRefine((text, context) => {
    const wrong = wrongPublicUrl(text);
    if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong });
  });

function wrongPublicUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return "this is not an address";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "the address does not start with `https://`";
  if (url.protocol === "http:" && url.hostname !== "localhost" && !url.hostname.startsWith("127.")) {
    return "without TLS only `localhost` is safe";
  }
  if (url.username !== "" || url.password !== "") return "an address may not hold a name or password";
  return url.pathname !== "/" || url.search !== "" || url.hash !== "" ? "the address has a path" : undefined;
}

const listenSchema = z
  .string()
  .regex(/^(\[[0-9a-f:]{2,39}\]|[a-z0-9.-]{1,253}):[1-9][0-9]{0,4}$/, { abort: true })
  .refine((text) => Number(text.slice(text.lastIndexOf(":") + 1)) <= 65_535, { error: "there is no such port" })
  .meta({ description: "an address and a port, such as `127.0.0.1:4600`" });

const proxySchema = z
  .string()
  .regex(/^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-f:]{2,39})(\/[0-9]{1,3})?$/)
  .meta({ description: "an IP address or range, such as `10.0.0.0/8`" });

const serverSchema = z
  .strictObject({
    publicUrl: publicUrlSchema.exactOptional(),
    listen: listenSchema.prefault("127.0.0.1:4600"),
    tls: z.strictObject({ cert: path, key: path }).exactOptional().meta({ description: "two paths: `cert` and `key`" }),
    trustedProxies: z.array(proxySchema).max(50).default([]).meta({ description: "a list of IP addresses or ranges" }),
  })
  .meta({ description: "where the server listens and how people reach it" });

const every = durationSchema.prefault("1h").meta({ description: "how often, such as `1h`" });
const anchorSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("file"), path, every }),
    z.strictObject({ kind: z.literal("git"), repository: path, branch: title.prefault("countersign"), every }),
    z.strictObject({
      kind: z.literal("http"),
      url: outsideAddressSchema,
      every,
    }),
    z.strictObject({
      kind: z.literal("tsa"),
      url: signedAddressSchema,
      certificates: path.meta({ description: "the path of a PEM file with the authority's certificates" }),
      every,
    }),
  ])
  .meta({ description: "a place outside the database for checkpoints: `kind` is `file`, `git`, `http` or `tsa`" })
  .transform(({ every: everyMs, ...rest }) => ({ ...rest, everyMs }));

const environmentSchema = z
  .strictObject({
    production: z.boolean().meta({ description: "`true` or `false`" }),
    purpose: note.exactOptional(),
  })
  .meta({ description: "`{ production: true }` or `{ production: false }`" });

/** `countersign.yaml`. Maps become lists: looking a name up in an object would also find `constructor`. */
export const organisationFile = z
  .strictObject({
    organisation: title,
    singlePerson: z.boolean().default(false).meta({ description: "`true` where one person is the whole organisation" }),
    people: z
      .array(personSchema)
      .min(1)
      .max(10_000)
      .meta({ description: "a list of people, each with `email`, `name` and `roles`" }),
    groups: z
      .record(
        nameSchema,
        z.strictObject({ purpose: note.exactOptional() }).meta({ description: "`{}` or `{ purpose: … }`" }),
      )
      .default({})
      .meta({ description: "a map from a group's name to `{ purpose: … }`" }),
    agents: z
      .array(agentSchema)
      .max(10_000)
      .default([])
      .meta({ description: "a list of agents, each with `name` and `owner`" }),
    environments: z
      .record(nameSchema, environmentSchema)
      .meta({ description: "a map from an environment's name to `{ production: … }`" }),
    server: serverSchema.prefault({}),
    login: loginSchema.prefault({}),
    limits: callLimitsSchema.prefault({}),
    anchors: z.array(anchorSchema).max(20).default([]).meta({ description: "a list of places for checkpoints" }),
    notifications: notificationsSchema,
    approvals: approvalsSchema.prefault({}),
    vetoes: vetoesSchema,
    decisionLog: decisionLogSchema.exactOptional(),
  })
  .meta({ title: "Countersign workspace", description: "the organisation, its people, agents and environments" })
  .transform(({ organisation, groups, environments, ...rest }) => ({
    name: organisation,
    ...rest,
    groups: Object.entries(groups).map(([name, group]) => ({ name, ...group })),
    environments: Object.entries(environments).map(([name, environment]) => ({ name, ...environment })),
  }));

export type Organisation = z.output<typeof organisationFile>;
export type Person = Organisation["people"][number];
export type Group = Organisation["groups"][number];
export type Agent = Organisation["agents"][number];
export type Environment = Organisation["environments"][number];
