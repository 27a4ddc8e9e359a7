import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { Secret } from "../floor/secret.ts";
import { waitMs } from "./back-off.ts";
import { signedHeaders } from "./sign.ts";
import { isFromSlack } from "./slack-signature.ts";

it("signs as the published example of Standard Webhooks does", () => {
  // The vector of the specification's reference libraries.
  const secret = new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const headers = signedHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_000, '{"test": 2432232314}', [secret]);
  expect(headers).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

it.each([
  "",
  "whsec_",
  "whsec_c2hvcnQ=",
  `whsec_${"A".repeat(90)}`,
  "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_MfKQ9r8GKYqr TwjUPD8ILPZIo2LaLaSw",
])("does not sign with %j", (text) => {
  expect(signedHeaders("id", 0, "{}", [new Secret(text)])).toBeUndefined();
});

const signing = new Secret("8f742231b10e8888abcd99yyyzzz85a5");
const nowMs = 1_531_420_618_000;
// The published example of "Verifying requests from Slack".
const body =
  "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const given = {
  timestamp: "1531420618",
  signature: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
  body: Buffer.from(body),
};

it("believes the published example of Slack's signature", () => {
  expect(isFromSlack(given, [signing], nowMs)).toBe(true);
  expect(isFromSlack(given, [new Secret("another of the same kind"), signing], nowMs)).toBe(true);
});

it.each([
  ["another body", { ...given, body: Buffer.from(`${body}x`) }, signing, nowMs],
  ["another secret", given, new Secret("another of the same kind"), nowMs],
  ["an old one", given, signing, nowMs + 301_000],
  ["one of the future", given, signing, nowMs - 301_000],
  ["no signature", { ...given, signature: "" }, signing, nowMs],
  ["another version", { ...given, signature: given.signature.replace("v0", "v1") }, signing, nowMs],
  ["no time", { ...given, timestamp: "" }, signing, nowMs],
  ["a time that is none", { ...given, timestamp: "1531420618.5" }, signing, nowMs],
])("does not believe %s", (_what, one, secret, at) => {
  expect(isFromSlack(one, [secret], at)).toBe(false);
});

it("does not believe a signature over another time", () => {
  const mac = createHmac("sha256", signing.reveal()).update(`v0:1:${body}`).digest("hex");
  expect(isFromSlack({ ...given, signature: `v0=${mac}` }, [signing], nowMs)).toBe(false);
});

it("waits longer each time, never all at once, and gives up", () => {
  const patience = { firstMs: 5_000, longestMs: 4 * 3_600_000, tries: 10 };
  const shortest = Array.from({ length: 10 }, (_, at) => waitMs(at + 1, 0, patience));
  const longest = Array.from({ length: 10 }, (_, at) => waitMs(at + 1, 1, patience));
  expect(longest.slice(0, 3)).toEqual([5_000, 20_000, 80_000]);
  expect(longest[8]).toBe(4 * 3_600_000);
  expect(shortest.slice(0, 9)).toEqual(longest.slice(0, 9).map((ms) => (ms ?? 0) / 2));
  expect([shortest[9], longest[9]]).toEqual([undefined, undefined]);
});
