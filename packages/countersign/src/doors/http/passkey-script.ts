/** Asks the browser's passkeys: to be made, and to sign the approval whose challenge stands on the page. */
export const passkeyScript = `"use strict";
const say = (form, text) => { form.querySelector("output").textContent = text; };
async function post(path, csrf, body) {
  const headers = { "content-type": "application/json", "x-countersign-csrf": csrf };
  const reply = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await reply.json();
  if (!reply.ok) throw new Error(answer.help === undefined ? answer.detail : answer.detail + ": " + answer.help);
  return answer;
}
function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
}
async function register(form) {
  const { csrf } = form.dataset;
  const options = await post("/v1/passkeys/options", csrf, {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = (await navigator.credentials.create({ publicKey })).toJSON();
  const { id, rawId, type, response } = made;
  await post("/v1/passkeys", csrf, { name: form.elements.name.value, attestation: { id, rawId, type, response } });
  location.reload();
}
async function approve(form, asked) {
  const { challenge, rp, allow } = asked.dataset;
  const allowCredentials = JSON.parse(allow).map((one) => ({ ...one, id: bytes(one.id) }));
  const publicKey = { challenge: bytes(challenge), rpId: rp, allowCredentials, userVerification: "required" };
  const { id, rawId, type, response } = (await navigator.credentials.get({ publicKey })).toJSON();
  const { csrf, callDigest, shownDigest, reason, shownAt } = form.elements;
  const dwellMs = Math.min(86400000, Math.max(0, Date.now() - Number(shownAt.value)));
  const said = { verdict: "approve", callDigest: callDigest.value, shownDigest: shownDigest.value, reason: reason.value, dwellMs };
  const action = form.getAttribute("action").split("/").pop();
  const answer = await post("/v1/approvals/" + action + "/answer", csrf.value, { ...said, assertion: { id, rawId, type, response } });
  const uncounted = answer.notCounted === undefined ? "" : ", and does not count: " + answer.notCounted;
  for (const button of form.querySelectorAll("button")) button.remove();
  say(form, "Your signed approval is recorded" + uncounted + ".");
}
for (const form of document.querySelectorAll("form")) {
  const asked = form.querySelector("output[data-challenge]");
  form.addEventListener("submit", (event) => {
    const signs = asked !== null && event.submitter !== null && event.submitter.value === "approve";
    if (!signs && form.dataset.passkey !== "register") return;
    event.preventDefault();
    say(form, "");
    const work = signs ? approve(form, asked) : register(form);
    work.catch((thrown) => say(form, thrown.name === "NotAllowedError" ? "The passkey was not used; nothing was sent." : thrown.message));
  });
}
`;
