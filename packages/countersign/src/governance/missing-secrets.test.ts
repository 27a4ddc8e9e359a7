import { expect, it } from "vitest";
import { missingSecrets } from "./missing-secrets.ts";

const text = "notifications:\n  ops:\n    kind: webhook\n    signing: notices/opps\n";
const organisation = {
  notifications: [
    { name: "ops", kind: "webhook", signing: "notices/opps", previous: "notices/old" },
    { name: "chat", kind: "slack", bot: "slack/bot" },
    { name: "mail", kind: "email", credential: "mail/login" },
  ],
} as never;
const missing = (...kept: readonly string[]) =>
  missingSecrets({ organisation }, { "countersign.yaml": text }, new Set(kept));

it("a secret that a channel names and that is not kept is told, with its place", () => {
  expect(missing("notices/opps", "notices/old", "slack/bot", "mail/login")).toEqual([]);
  expect(missing("notices/old", "slack/bot", "mail/login")).toEqual([
    {
      file: "countersign.yaml",
      line: 4,
      column: 5,
      path: "/notifications/0/signing",
      severity: "warning",
      message:
        "`ops` names the secret `notices/opps`, and there is none of that name: nothing can be told there until there is",
      help: "keep it first: `countersign secret put notices/opps`",
    },
  ]);
  expect(missing("notices/opps").map(({ path }) => path)).toEqual([
    "/notifications/0/previous",
    "/notifications/1/bot",
    "/notifications/2/credential",
  ]);
});

it("whoever may not know what is kept is told that, and the same whatever is kept and named", () => {
  const told = (name: string) =>
    missingSecrets(
      { organisation: { notifications: [{ name: "ops", kind: "webhook", signing: name }] } as never },
      { "countersign.yaml": text },
      undefined,
    ).map(({ message, path, severity }) => ({ message, path, severity }));
  expect(told("notices/opps")).toEqual([
    {
      message: "channels name secrets, and you are not told whether they are kept: that is for `operator`, `admin`",
      path: "/notifications/0/signing",
      severity: "warning",
    },
  ]);
  expect(told("notices/other")).toEqual(told("notices/opps"));
  const none = { organisation: { notifications: [] } } as never;
  expect(missingSecrets(none, {}, undefined)).toEqual([]);
});
