import { list, namesBetween, type Say } from "./change.ts";
import type { LoginSettings, ProviderSettings } from "./login.ts";
import type { Settings } from "./plan-organisation.ts";

/** Whoever vouches for logins can be anybody here: that they come, or get more to say, is wider. */
export function sayLogin({ login: was }: Settings, { login: is }: Settings, say: Say): readonly "login"[] {
  if (JSON.stringify(was) === JSON.stringify(is)) return ["login"];
  sayProvider(was.provider, is.provider, say);
  sayLinks(was, is, say);
  return ["login"];
}

function sayProvider(was: ProviderSettings | undefined, is: ProviderSettings | undefined, say: Say): void {
  if (is === undefined) {
    if (was !== undefined) say(`\`${was.issuer}\` no longer vouches for logins`);
    return;
  }
  if (was?.issuer !== is.issuer) say(`\`${is.issuer}\` vouches for whoever logs in`, "wider");
  const { issuer: _, groups, newcomers, ...rest } = is;
  const { issuer: __, groups: oldGroups = [], newcomers: oldNewcomers = [], ...old } = was ?? is;
  if (was === undefined || JSON.stringify(old) !== JSON.stringify(rest)) {
    const secret = rest.credential === undefined ? "without a secret" : `with the secret \`${rest.credential}\``;
    say(
      `it is asked as \`${rest.clientId}\` ${secret} for ${list(rest.scopes)}, and read by ${list(Object.values(rest.claims))}`,
      "unclear",
    );
  }
  const given = namesBetween(was === undefined ? [] : oldGroups.map(groupWords), groups.map(groupWords));
  for (const one of given.came) say(one, "wider");
  for (const one of given.went) say(`no longer: ${one}`);
  const letIn = namesBetween(was === undefined ? [] : oldNewcomers.map(newcomerWords), newcomers.map(newcomerWords));
  for (const one of letIn.came) say(one, "wider");
  for (const one of letIn.went) say(`no longer: ${one}`);
}

function groupWords({ claim, group }: ProviderSettings["groups"][number]): string {
  return `whoever it says is in \`${claim}\` is in \`${group}\``;
}

function newcomerWords({ claim, roles }: ProviderSettings["newcomers"][number]): string {
  return `whoever it says is in \`${claim}\` may come in as ${list(roles)}`;
}

function sayLinks(was: LoginSettings, is: LoginSettings, say: Say): void {
  const words = (links: LoginSettings["links"]): string =>
    links === undefined ? "admins, and for everyone on this very machine" : links;
  if (was.links !== is.links && is.provider !== undefined)
    say(`one-time links are for ${words(is.links)}`, is.links === "everyone" ? "wider" : "unclear");
}
