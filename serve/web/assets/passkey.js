// Passkeys: the browser asks its owner, the server checks the proof. Where a browser knows no passkeys the button stays
// hidden, and the password is enough.
"use strict";
(() => {
  const box = document.querySelector("[data-passkey]");
  const able = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON && PublicKeyCredential.prototype.toJSON;
  if (!box || !able) return;
  const button = box.querySelector("button");
  const said = box.querySelector("[role=alert]");
  const post = async (path, body) => {
    const answer = await fetch(path, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
    const got = await answer.json();
    if (!answer.ok) throw new Error(got.say);
    return got;
  };
  const ways = {
    "sign-in": async () => {
      const { begun, options } = await post("/sign-in/passkey/begin");
      const proof = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      return post("/sign-in/passkey?" + new URLSearchParams({ begun, next: box.dataset.next }), proof.toJSON());
    },
    account: async () => {
      const { begun, options } = await post("/account/passkeys/begin");
      const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
      const name = document.getElementById("passkey-name").value;
      return post("/account/passkeys?" + new URLSearchParams({ begun, name }), made.toJSON());
    },
  };
  button.addEventListener("click", async () => {
    said.textContent = "";
    button.disabled = true;
    try {
      const { to } = await ways[box.dataset.passkey]();
      location.assign(to);
    } catch (error) {
      said.textContent = error instanceof DOMException || !error.message ? said.dataset.failed : error.message;
      button.disabled = false;
    }
  });
  box.hidden = false;
})();
