const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const digits = 26;

/** The 128 bits of an action's id as a uuid: they sort alike. */
export function numberOf(action: string): string {
  let bits = 0n;
  for (const character of action.slice("act_".length)) bits = bits * 32n + BigInt(alphabet.indexOf(character));
  return uuidOf(bits);
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
