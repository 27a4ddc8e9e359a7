import { z } from "zod";
import { emailSchema, nameSchema } from "../workflows/index.ts";
import { credentialNameSchema, outsideAddressSchema } from "./outside-address.ts";

export const notificationTopics = ["approval", "escalation", "ended", "unknown", "alert", "stop"] as const;

const secretName = credentialNameSchema.meta({
  description: "the name of a secret in the store, such as `notices/ops`",
});

const shared = {
  name: nameSchema.meta({ description: "a name of its own: lower case letters, digits and `-`" }),
  on: z
    .array(
      z
        .enum(notificationTopics)
        .meta({ description: `one of ${notificationTopics.map((topic) => `\`${topic}\``).join(", ")}` }),
    )
    .min(1)
    .meta({ description: `a list of topics: ${notificationTopics.map((topic) => `\`${topic}\``).join(", ")}` }),
  workflows: z
    .array(nameSchema)
    .min(1)
    .max(500)
    .exactOptional()
    .meta({ description: "a list of workflows; without it of every workflow" }),
  private: z
    .boolean()
    .default(false)
    .meta({ description: "`true` where it stands at a private address, such as `10.0.0.7`" }),
};

const webhookSchema = z.strictObject({
  kind: z.literal("webhook"),
  ...shared,
  url: outsideAddressSchema,
  signing: secretName.meta({ description: "the name of the secret that signs: `whsec_` and base64 of 24 to 64 bytes" }),
  previous: secretName
    .exactOptional()
    .meta({ description: "the name of a second secret that signs, too, while you change it" }),
});

const slackId = z.string().regex(/^[A-Z0-9]{2,40}$/);

const slackSchema = z
  .strictObject({
    kind: z.literal("slack"),
    ...shared,
    webhook: secretName
      .exactOptional()
      .meta({ description: "the name of the secret that holds an incoming webhook's address" }),
    bot: secretName.exactOptional().meta({ description: "the name of the secret that holds a bot's token" }),
    channel: slackId
      .exactOptional()
      .meta({ description: "a channel's id such as `C0123456789`; without it the bot writes to each person" }),
    signing: secretName
      .exactOptional()
      .meta({ description: "the name of the secret that Slack signs interactions with" }),
    people: z
      .record(slackId, emailSchema)
      .default({})
      .meta({ description: "a map from a person's id in Slack to their e-mail address" }),
    api: outsideAddressSchema.prefault("https://slack.com/api"),
  })
  .superRefine((value, context) => {
    const ways = [value.webhook, value.bot].filter((one) => one !== undefined);
    if (ways.length !== 1)
      context.addIssue({
        code: "custom",
        path: ["kind"],
        message: "Slack is reached by `webhook` or by `bot`, one of them",
      });
    if (value.channel !== undefined && value.bot === undefined)
      context.addIssue({ code: "custom", path: ["channel"], message: "an incoming webhook has its channel already" });
  })
  .transform(({ people, ...rest }) => ({
    ...rest,
    people: Object.entries(people).map(([id, person]) => ({ id, person })),
  }));

const teamsSchema = z.strictObject({
  kind: z.literal("teams"),
  ...shared,
  webhook: secretName.meta({ description: "the name of the secret that holds the workflow's webhook address" }),
});

const host = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);

const emailChannelSchema = z
  .strictObject({
    kind: z.literal("email"),
    ...shared,
    host: host.meta({ description: "the name of a mail server" }),
    port: z.int().min(1).max(65_535).default(587).meta({ description: "a port, such as `587` or `465`" }),
    tls: z
      .enum(["starttls", "implicit", "none"])
      .default("starttls")
      .meta({ description: "`starttls`, `implicit`, or `none` for a mail server on this machine" }),
    user: z.string().min(1).max(300).exactOptional().meta({ description: "the user to log in as" }),
    credential: secretName.exactOptional().meta({ description: "the name of the secret that holds the password" }),
    certificates: z
      .string()
      .min(1)
      .max(1024)
      .exactOptional()
      .meta({ description: "the path of a PEM file with the mail server's authority, from the workspace's folder" }),
    from: emailSchema.meta({ description: "the address that mails come from" }),
    to: z
      .array(emailSchema)
      .min(1)
      .max(50)
      .exactOptional()
      .meta({ description: "a list of addresses; without it whoever is concerned" }),
  })
  .superRefine((value, context) => {
    if ((value.user === undefined) !== (value.credential === undefined))
      context.addIssue({ code: "custom", path: ["host"], message: "`user` and `credential` belong together" });
    if (value.tls === "none" && !/^(localhost|127(\.[0-9]{1,3}){3})$/.test(value.host))
      context.addIssue({ code: "custom", path: ["tls"], message: "without TLS only this machine is safe" });
  });

const notificationSchema = z
  .discriminatedUnion("kind", [webhookSchema, slackSchema, teamsSchema, emailChannelSchema])
  .meta({ description: "who is told of what: `kind` is `webhook`, `slack`, `teams` or `email`; with `name` and `on`" });

export const notificationsSchema = z
  .array(notificationSchema)
  .max(50)
  .default([])
  .meta({ description: "a list of notifications" });

export type NotificationSettings = z.output<typeof notificationSchema>;
