/**
 * What the demo's pages do in a browser: the only part that talks to `navigator.credentials`. Plain JavaScript without dependencies,
 * served as one file, so that the content security policy can forbid everything else.
 *
 * Where a browser lacks `PublicKeyCredential.parse…FromJSON` or `toJSON` (WebAuthn L3 §5.1.8, §5.1.9, §5.1.7), the same is done by hand.
 */
export const PAGE_SCRIPT = `'use strict';

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

const withIdBytes = (list) => (list ?? []).map((item) => ({ ...item, id: toBytes(item.id) }));

function parseCreationOptions(json) {
  if (globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) {
    return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  }
  return {
    ...json,
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: withIdBytes(json.excludeCredentials),
  };
}

function parseRequestOptions(json) {
  if (globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  }
  return { ...json, challenge: toBytes(json.challenge), allowCredentials: withIdBytes(json.allowCredentials) };
}

function toJson(credential) {
  if (typeof credential.toJSON === 'function') return credential.toJSON();
  const { response } = credential;
  const members = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];
  const present = members.filter((name) => response[name]);
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      ...Object.fromEntries(present.map((name) => [name, toText(response[name])])),
      ...(response.getTransports ? { transports: response.getTransports() } : {}),
    },
  };
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(said.error.message), { name: said.error.code });
  return said;
}

async function signIn(username) {
  const options = await post('/api/sign-in/passkey/options', username ? { username } : {});
  const credential = await navigator.credentials.get({ publicKey: parseRequestOptions(options) });
  await post('/api/sign-in/passkey', toJson(credential));
}

async function register(name) {
  const options = await post('/api/passkeys/options', {});
  const credential = await navigator.credentials.create({ publicKey: parseCreationOptions(options) });
  await post('/api/passkeys', { response: toJson(credential), name });
}

const REASONS = {
  NotAllowedError: 'The browser ended this without a passkey: it was cancelled, it took too long, or no passkey fits.',
  InvalidStateError: 'This security key or device has a passkey for this account already.',
  SecurityError: 'This page is not allowed to use passkeys under its address.',
  NotSupportedError: 'This browser or device can not do what was asked of it.',
  TypeError: 'This browser can not use passkeys here.',
};

const explain = (error) => REASONS[error.name] ?? 'Something went wrong: ' + error.message + '.';

/** Runs one ceremony and shows how it goes. */
async function run(root, ceremony, next) {
  const error = root.querySelector('[data-role=error]');
  const status = root.querySelector('[data-role=status]');
  const buttons = root.querySelectorAll('button');
  error.textContent = '';
  status.textContent = root.dataset.waiting;
  root.dataset.state = 'waiting';
  for (const button of buttons) button.disabled = true;
  try {
    await ceremony();
    root.dataset.state = 'done';
    location.assign(next);
  } catch (reason) {
    status.textContent = '';
    error.textContent = explain(reason);
    root.dataset.state = 'failed';
    root.dataset.error = reason.name;
    root.querySelector('[data-role=failed]')?.removeAttribute('hidden');
    for (const button of buttons) button.disabled = false;
  }
}

const signInRoot = document.querySelector('[data-ceremony=sign-in]');
if (signInRoot) {
  const start = () => run(signInRoot, () => signIn(signInRoot.dataset.username), '/stay-signed-in');
  signInRoot.querySelector('[data-role=start]').addEventListener('click', start);
  // The page is only reached by choosing a passkey: asking again would be one click too many.
  start();
}

const registerRoot = document.querySelector('[data-ceremony=register]');
registerRoot?.addEventListener('submit', (event) => {
  event.preventDefault();
  run(registerRoot, () => register(registerRoot.elements.name.value), '/account');
});
`;
