import type { Draft, Report } from "./draft.ts";
import { unknownName } from "./finding.ts";

/** Groups that claims name exist; nobody comes into an organisation of one. */
export function checkLogin({ organisation: { source, value } }: Draft, report: Report): void {
  const { provider, links } = value.login;
  if (provider === undefined) {
    if (links !== undefined)
      report(source, ["login", "links"], {
        message: "without a provider links are the only way in",
        help: "delete the line, or add `provider`",
      });
    return;
  }
  const groups = new Set(value.groups.map(({ name }) => name));
  for (const [at, { group }] of provider.groups.entries()) {
    if (!groups.has(group))
      report(
        source,
        ["login", "provider", "groups", at, "group"],
        unknownName("group", group, groups, "if it is new, add it under `groups`"),
      );
  }
  if (value.singlePerson && provider.newcomers.length > 0)
    report(source, ["login", "provider", "newcomers"], {
      message: "`singlePerson` is true, and somebody else may come in",
      expected: "no newcomers, or no `singlePerson`",
    });
}
