import { z } from "zod";
import { methodNames, ruleSchema } from "./rule.ts";

export const serverName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/, "lower case letters, digits and `-`");

const secretName = /^secret:\/\/[a-z0-9](?:[a-z0-9._-]{0,126}[a-z0-9])?$/;

/** `secret://name`: resolved at the last hop, never in a file. */
export const secretReference = z.string().regex(secretName, "`secret://` and a name");

/** Plain text, or a reference to a secret; anything else that begins like a reference is a mistake, not a value. */
const valueOrSecret = z
  .string()
  .refine((text) => !text.startsWith("secret:") || secretName.test(text), "`secret://` and a name, or plain text");

const noControls = z
  .string()
  .refine((text) => ![...text].some((c) => c < " " || c === "\u007f"), "no control characters");
const environmentVariables = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a name of an environment variable"),
  valueOrSecret,
);

/** `${workspace}` in `args`, `env`, `cwd`, and `roots` is the absolute path of the workspace folder. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text that stands in files
export const workspacePlaceholder = "${workspace}";

const stdioTransport = z.strictObject({
  kind: z.literal("stdio"),
  command: noControls.min(1).describe("an executable; never passed through a shell"),
  args: z.array(noControls).default([]),
  env: environmentVariables.default({}).describe("the child gets these and PATH only"),
  cwd: noControls.optional(),
});

const packageTransport = z.strictObject({
  kind: z.literal("package"),
  package: z
    .string()
    .regex(/^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/, "the name of an installed npm package")
    .describe("resolved in node_modules only and started with the running Node; nothing is ever downloaded"),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/)
    .optional()
    .describe("refused where another one is installed"),
  bin: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .optional()
    .describe("which of its commands, where it has several"),
  args: z.array(noControls).default([]),
  env: environmentVariables.default({}),
  cwd: noControls.optional(),
});

/** What describes an authorization server decides where credentials go: it comes over TLS, or from this machine. */
function isSafe(url: URL): boolean {
  return url.protocol === "https:" || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
}

const oauthSchema = z.strictObject({
  kind: z.literal("oauth"),
  grant: z.enum(["authorization_code", "client_credentials"]),
  issuer: z
    .url({ protocol: /^https?$/ })
    .refine((text) => !URL.canParse(text) || isSafe(new URL(text)), "https, or http on this machine")
    .optional()
    .describe("the one authorization server that may see the client's credential and people's consent"),
  clientId: z.string().min(1).optional().describe("as it was registered there"),
  clientSecret: secretReference.optional(),
  privateKey: secretReference.optional().describe("for private_key_jwt"),
  scopes: z.array(z.string().min(1)).default([]),
  for: z
    .enum(["workflow", "person"])
    .default("workflow")
    .describe("whose a connection is: every agent's of a workflow, or one person's, for the agents that act for them"),
});

/** What a consent needs is missing; said where the files are checked, not when somebody is at the browser. */
function missingForConsent(auth: z.infer<typeof oauthSchema>): readonly ("issuer" | "clientId")[] {
  if (auth.grant !== "authorization_code") return [];
  return (["issuer", "clientId"] as const).filter((member) => auth[member] === undefined);
}

const httpTransport = z.strictObject({
  kind: z.literal("http"),
  url: z
    .url({ protocol: /^https?$/ })
    .refine(
      (text) => !URL.canParse(text) || (new URL(text).username === "" && new URL(text).password === ""),
      "no credentials in an address",
    ),
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/), valueOrSecret.and(noControls)).default({}),
  auth: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("static"),
        header: z
          .string()
          .regex(/^[A-Za-z0-9-]+$/)
          .default("authorization"),
        prefix: z.string().default("Bearer "),
        secret: secretReference,
      }),
      oauthSchema.superRefine((auth, context) => {
        for (const member of missingForConsent(auth))
          context.addIssue({ code: "custom", path: [member], message: "is needed where a person consents" });
      }),
    ])
    .optional(),
});

export const transportSchema = z.discriminatedUnion("kind", [stdioTransport, packageTransport, httpTransport]);

/**
 * `tools/<server>.yaml`: an upstream server and what is known of its tools. Read from files only: no API takes it,
 * because a command in it is run.
 */
export const toolsFileSchema = z
  .strictObject({
    server: serverName,
    transport: transportSchema,
    pack: z
      .string()
      .regex(/^[a-z0-9-]+@[1-9][0-9]*$/, "`name@version`")
      .optional()
      .describe("a shipped pack of reviewed tools"),
    system: z.string().min(1).optional(),
    owner: z.email().optional(),
    environment: z
      .string()
      .min(1)
      .optional()
      .describe("of the whole server, for tools that name no place of their own"),
    roots: z
      .array(z.strictObject({ path: noControls.min(1), environment: z.string().min(1) }))
      .default([])
      .describe("which environment a path lies in; the longest root wins"),
    base: noControls.optional().describe("what relative paths are resolved against; without it they are not mapped"),
    hosts: z
      .array(z.strictObject({ host: z.string().regex(/^[a-z0-9.-]+(?::\d+)?$/), environment: z.string().min(1) }))
      .default([]),
    names: z
      .record(z.string().min(1), z.string().min(1))
      .default({})
      .describe("which environment a name lies in that a pack takes from the arguments: a repository, a namespace"),
    labels: z.array(z.string().min(1)).default([]),
    tools: z
      .record(z.string().min(1), ruleSchema)
      .default({})
      .describe("by the server's own tool name; member by member over the pack"),
    methods: z.partialRecord(z.enum(methodNames), ruleSchema).default({}),
    transparent: z
      .boolean()
      .optional()
      .describe(
        "at `/mcp/<server>` the plane stands in for the server: under its own name, with its own instructions and capabilities, without tools and extensions of the plane. Its instructions reach agents as they are",
      ),
    limits: z
      .strictObject({
        timeoutMs: z.int().min(100).max(3_600_000).default(60_000),
        maxResultBytes: z.int().min(1_024).max(16_777_216).default(4_194_304),
      })
      .prefault({}),
  })
  .describe("An upstream MCP server and its reviewed tools");

export type ToolsFile = z.infer<typeof toolsFileSchema>;
export type Transport = ToolsFile["transport"];

/** JSON Schema of the file as a person writes it, for editors. */
export function toolsFileJsonSchema(): unknown {
  return z.toJSONSchema(toolsFileSchema, { io: "input", target: "draft-2020-12", unrepresentable: "any" });
}
