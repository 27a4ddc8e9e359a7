const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const digits = 26;

const valueAt = new Uint8Array(128);
for (let at = 0; at < alphabet.length; at++) valueAt[alphabet.charCodeAt(at)] = at;
const hexDigits = Buffer.from("0123456789abcdef");
/** Where the digits of a uuid stand, between its hyphens. */
const places = Array.from("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", (character, at) =>
  character === "x" ? at : -1,
).filter((at) => at >= 0);
const written = Buffer.from("00000000-0000-0000-0000-000000000000");

/** The 128 bits of an action's id as a uuid: they sort alike. */
export function numberOf(action: string): string {
  let held = 0;
  let bits = 0;
  let place = 0;
  for (let at = "act_".length; at < action.length; at++) {
    held = (held << 5) | (valueAt[action.charCodeAt(at)] ?? 0);
    // 26 digits of five bits are two more than a uuid has: the first digit is below eight.
    bits += at === "act_".length ? 3 : 5;
    while (bits >= 4 && place < places.length) {
      bits -= 4;
      written[places[place++] as number] = hexDigits[(held >> bits) & 15] as number;
    }
    held &= (1 << bits) - 1;
  }
  while (place < places.length) written[places[place++] as number] = hexDigits[0] as number;
  return written.toString("latin1");
}

/** The id again. */
export function actionOf(number: string): string {
  let bits = BigInt(`0x${number.replaceAll("-", "")}`);
  let text = "";
  for (let at = 0; at < digits; at++) {
    text = alphabet.charAt(Number(bits % 32n)) + text;
    bits /= 32n;
  }
  return `act_${text}`;
}

/** The number after this one. */
export function after(number: string): string {
  return uuidOf(BigInt(`0x${number.replaceAll("-", "")}`) + 1n);
}

function uuidOf(bits: bigint): string {
  const hex = bits.toString(16).padStart(32, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Later than every action. */
export const afterAll = `act_7${"z".repeat(digits - 1)}`;

/** Only ids of this form are indexed. */
export function isAction(subject: string): boolean {
  return /^act_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(subject);
}
