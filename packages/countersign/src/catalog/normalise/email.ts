import { domain, domainsAbove } from "./host.ts";
import { inAll, type Normaliser, requireSmall, setOf, textsOf, Unclean } from "./shape.ts";

// A plain local part. No quotes, no comments, and neither `%` nor `!`: relays read them as another way to go.
const local = /^[a-z0-9#$&'*+/=?^_`{|}~-]+(?:\.[a-z0-9#$&'*+/=?^_`{|}~-]+)*$/;

/** One address, or a list of them. A display name, two addresses in one text and other scripts are no clean value. */
export const email: Normaliser = {
  takes: ["string", "array"],
  shape: { addresses: "texts", domains: "texts", within: "texts", touches: "texts", count: "long" },
  read(value) {
    const texts = textsOf(value);
    requireSmall(texts, ".");
    const addresses = setOf(texts.map(address));
    const domains = setOf(addresses.map((one) => one.slice(one.indexOf("@") + 1)));
    const above = domains.map(domainsAbove);
    return { addresses, domains, within: inAll(above), touches: setOf(above.flat()), count: addresses.length };
  },
};

/** Lower case: two spellings of one mailbox are one to a policy. */
function address(text: string): string {
  if (text.length > 254) throw new Unclean("it is too long for an address");
  const at = text.indexOf("@");
  if (at !== text.lastIndexOf("@") || at < 1) throw new Unclean("it is not exactly one address");
  const user = text.slice(0, at).toLowerCase();
  // Lower case may make ASCII of another script (the Kelvin sign), so the written letters are tested too.
  if (user.length > 64 || !/^[\x21-\x7e]+$/.test(text) || !local.test(user))
    throw new Unclean("its part before `@` is not plain");
  return `${user}@${domain(text.slice(at + 1), 2)}`;
}
