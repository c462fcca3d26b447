// Passkeys: asks the device for one and sends what it answers. A form says what it wants in data-passkey:
// "create" and "get" take their options from the JSON block named in data-options, "sign-in" fetches them.
// Forms with nothing but a passkey in them stay hidden where the browser has none.
(() => {
  "use strict";
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const words = (buffer) => {
    if (!buffer) return undefined;
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const listed = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const create = async (options, alone) => {
    const asked = options.publicKey;
    const chosen = { ...asked.authenticatorSelection, residentKey: alone ? "required" : "discouraged", requireResidentKey: alone };
    if (alone) chosen.userVerification = "required";
    const made = await navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: listed(asked.excludeCredentials),
        authenticatorSelection: chosen,
      },
    });
    return {
      ...named(made),
      response: {
        clientDataJSON: words(made.response.clientDataJSON),
        attestationObject: words(made.response.attestationObject),
        transports: made.response.getTransports ? made.response.getTransports() : [],
      },
    };
  };

  const get = async (options) => {
    const asked = options.publicKey;
    const given = await navigator.credentials.get({
      publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: listed(asked.allowCredentials) },
    });
    const { clientDataJSON, authenticatorData, signature, userHandle } = given.response;
    return {
      ...named(given),
      response: {
        clientDataJSON: words(clientDataJSON),
        authenticatorData: words(authenticatorData),
        signature: words(signature),
        userHandle: words(userHandle),
      },
    };
  };

  const named = (credential) => ({
    type: credential.type,
    id: credential.id,
    rawId: words(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  });

  const fetched = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).request_options;
  };

  const run = async (form) => {
    const what = form.dataset.passkey;
    if (what === "sign-in") return get(await fetched(form.action));
    const options = JSON.parse(document.getElementById(form.dataset.options).textContent);
    if (what === "get") return get(options);
    const alone = form.elements.namedItem("passwordless");
    return create(options, Boolean(alone && alone.checked));
  };

  const reason = (error) => {
    if (error.name === "NotAllowedError" || error.name === "AbortError") return "cancelled";
    return error.name === "InvalidStateError" ? "known" : "failed";
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const credential = form.elements.namedItem("credential");
      const said = form.querySelector(".passkey-said");
      said.textContent = said.dataset.waiting;
      try {
        credential.value = JSON.stringify(await run(form));
        form.submit();
      } catch (error) {
        credential.value = "";
        said.textContent = said.dataset[reason(error)];
      }
    });
  }
})();
