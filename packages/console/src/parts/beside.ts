const digits = "0123456789abcdefghjkmnpqrstvwxyz";

/** The id of this kind right before or right after one, in the order of ids; undefined where it is no such id, or the last. */
export function beside(kind: string, id: string, by: -1 | 1): string | undefined {
  if (!new RegExp(`^${kind}_[${digits}]{26}$`).test(id)) return undefined;
  const places = [...id.slice(kind.length + 1)].map((one) => digits.indexOf(one));
  for (let at = places.length - 1; at >= 0; at--) {
    const to = (places[at] ?? 0) + by;
    places[at] = (to + digits.length) % digits.length;
    if (to === places[at]) return `${kind}_${places.map((one) => digits.charAt(one)).join("")}`;
  }
  return undefined;
}
