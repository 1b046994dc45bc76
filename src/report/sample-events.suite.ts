/**
 * Two ceremonies as their trace shows them: a simulated Windows dialog with the phone first, and Chromium's own sheet.
 */
import type { Json, TraceEvent } from '../trace/events.js';

type At = readonly [number, TraceEvent];

const DEVICE = 'yubikey-5';
const ORIGIN = 'http://localhost:8080';
const CREDENTIAL = 'f3UwPqW1nZk0o9b2m8yJxA7d5sVtE6cKqHgLrN4iXuY';

/** What a sign-in page posts. */
export const SIGN_IN_REQUEST: Json = {
  id: CREDENTIAL,
  rawId: CREDENTIAL,
  type: 'public-key',
  response: {
    clientDataJSON: {
      type: 'webauthn.get',
      challenge: 'q83vEjRWeJCrze8SNFZ4kA',
      origin: ORIGIN,
      crossOrigin: false,
    },
    authenticatorData: { rpIdHash: '49960de5880e8c687434170f6476605b', flags: ['UP', 'UV'], signCount: 7 },
    signature: '3045022100c1b2a3948576655443322110ffeeddccbbaa99887766554433221100aabbccdd',
    userHandle: 'YWRh',
  },
};

function request(name: string, fields: Json, hex: string): TraceEvent {
  return { layer: 'ctap', kind: 'request', device: DEVICE, name, fields, hex };
}

function response(fields: Json, hex: string): TraceEvent {
  return { layer: 'ctap', kind: 'response', device: DEVICE, name: 'CTAP2_OK', fields, hex };
}

function http(kind: 'request' | 'response', path: string, fields: Json): TraceEvent {
  return { layer: 'http', kind, jar: 'alice', name: `POST ${path}`, fields };
}

const options = {
  challenge: 'q83vEjRWeJCrze8SNFZ4kA',
  rpId: 'localhost',
  userVerification: 'required',
  timeout: 300_000,
};

const getInfo: Json = {
  versions: ['U2F_V2', 'FIDO_2_0', 'FIDO_2_1'],
  extensions: ['credProtect', 'hmac-secret'],
  aaguid: '19083c3d-8383-4b18-bc03-8f1c9ab2fd1b',
  options: { rk: true, up: true, plat: false, clientPin: true, pinUvAuthToken: true, credMgmt: true },
  maxMsgSize: 1_200,
  pinUvAuthProtocols: [2, 1],
  maxCredentialCountInList: 8,
  maxCredentialIdLength: 128,
  transports: ['nfc', 'usb'],
  algorithms: [
    { alg: -7, type: 'public-key' },
    { alg: -8, type: 'public-key' },
  ],
};

const getAssertion: Json = {
  rpId: 'localhost',
  clientDataHash: '8d1cf0a1a1b6e0f4c7d7b8bb6a5d4a8f1c2b3d4e5f60718293a4b5c6d7e8f901',
  allowList: [],
  options: { up: true },
  pinUvAuthParam: 'b1946ac92492d2347c6235b4d2611184',
  pinUvAuthProtocol: 2,
};

const assertion: Json = {
  credential: { type: 'public-key', id: '7f75303ea5b59d99' },
  authData: { rpIdHash: '49960de5880e8c687434170f6476605b', flags: ['UP', 'UV'], signCount: 7 },
  signature: '3045022100c1b2a3948576655443322110ffeeddccbbaa99887766554433221100aabbccdd',
  user: { id: '616461', name: 'ada' },
};

function ceremony(start: number, path: string, body: Json): At[] {
  return [
    [start, { layer: 'scenario', kind: 'step', name: 'ask for options' }],
    [
      start + 2,
      http('request', `${path}/options`, { headers: { 'content-type': 'application/json' }, body }),
    ],
    [
      start + 14,
      http('response', `${path}/options`, {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: options,
      }),
    ],
    [
      start + 18,
      { layer: 'webauthn', kind: 'get', origin: ORIGIN, name: 'navigator.credentials.get', fields: options },
    ],
  ];
}

function submit(start: number, path: string): At[] {
  return [
    [
      start,
      {
        layer: 'webauthn',
        kind: 'result',
        origin: ORIGIN,
        name: 'PublicKeyCredential',
        fields: { id: CREDENTIAL, authenticatorAttachment: 'cross-platform' },
      },
    ],
    [
      start + 3,
      http('request', `${path}/verify`, { headers: { cookie: '[redacted]' }, body: SIGN_IN_REQUEST }),
    ],
    [start + 11, http('response', `${path}/verify`, { status: 200, body: { ok: true, user: 'ada' } })],
    [
      start + 14,
      {
        layer: 'scenario',
        kind: 'check',
        name: 'alice is signed in as ada',
        fields: { holds: true, detail: 'expected ada, got ada' },
      },
    ],
  ];
}

/** The key asks for its PIN token and signs. */
function signing(start: number): At[] {
  return [
    [start, request('authenticatorGetInfo', {}, '04')],
    [start + 1, response(getInfo, '00ac0183665532465f5632684649444f5f325f30684649444f5f325f31')],
    [
      start + 4,
      request(
        'authenticatorClientPIN',
        { subCommand: 'getKeyAgreement', pinUvAuthProtocol: 2 },
        '06a201020202',
      ),
    ],
    [start + 5, response({ keyAgreement: { kty: 'EC2', crv: 'P-256', x: 'a5b1…', y: '09fe…' } }, '00a101a5')],
    [
      start + 8,
      {
        layer: 'ctap',
        kind: 'request',
        device: DEVICE,
        name: 'authenticatorClientPIN',
        fields: {
          subCommand: 'getPinUvAuthTokenUsingPinWithPermissions',
          pinHashEnc: '[redacted]',
          permissions: ['ga'],
          rpId: 'localhost',
        },
      },
    ],
    [
      start + 9,
      {
        layer: 'ctap',
        kind: 'response',
        device: DEVICE,
        name: 'CTAP2_OK',
        fields: { pinUvAuthToken: '[redacted]' },
      },
    ],
    [start + 12, request('authenticatorGetAssertion', getAssertion, '02a401696c6f63616c686f7374025820')],
    [start + 13, { layer: 'ctap', kind: 'keepalive', device: DEVICE, name: 'user-presence-needed' }],
    [start + 13, { layer: 'user', kind: 'wait', device: DEVICE, fields: { reason: 'get-assertion' } }],
    [start + 313, { layer: 'user', kind: 'touch', device: DEVICE }],
    [start + 316, response(assertion, '00a401a26269645820')],
  ];
}

const PHONE = 'iPhone, iPad, or Android device';

function show(step: string, title: string, fields: Json): TraceEvent {
  return { layer: 'prompt', kind: 'show', step, title, fields };
}

function act(step: string, action: string): TraceEvent {
  return { layer: 'prompt', kind: 'act', step, fields: { action } };
}

/** The end of a ceremony, with how the platform knew what it showed. */
export function close(step: string, grounds: Json): TraceEvent {
  return { layer: 'prompt', kind: 'close', step, fields: { ending: 'finished', grounds } };
}

/** Windows 11 23H2: the phone is selected first; two clicks lead to the key. */
export function signInOnWindows(): At[] {
  const chooser = {
    body: 'To sign in to “localhost”, choose a device with a saved passkey.',
    ...{ listLabel: 'More choices', choices: [PHONE, 'Security key'], selected: PHONE },
    ...{ controls: ['Next', 'Cancel'], default: 'Next', asks: [] },
  };
  const cancel = { choices: [], controls: ['Cancel'] };
  const ok = { choices: [], controls: ['OK', 'Cancel'], default: 'OK' };
  return [
    ...ceremony(0, '/api/signin', {}),
    [30, show('W1', 'Sign in with your passkey', chooser)],
    [1_230, act('W1', 'select Security key')],
    [2_030, act('W1', 'press Next')],
    [
      2_034,
      show('WK', 'Making sure it’s you', {
        body: 'Insert your security key into the USB port.',
        ...cancel,
        asks: ['insert'],
      }),
    ],
    [3_400, act('WK', 'insert')],
    [3_410, { layer: 'user', kind: 'plug', device: DEVICE }],
    [
      3_440,
      show('WP', 'Making sure it’s you', {
        body: 'Please enter your security key PIN.',
        ...ok,
        asks: ['pin'],
      }),
    ],
    [4_641, act('WP', 'pin')],
    [
      4_650,
      show('WT', 'Making sure it’s you', { body: 'Touch your security key.', ...cancel, asks: ['touch'] }),
    ],
    ...signing(4_660),
    [
      4_980,
      close('WT', {
        H: { rules: ['R6'], screens: ['W1'] },
        M: { rules: ['dispatch'], screens: ['WK', 'WP', 'WT'] },
      }),
    ],
    ...submit(4_990, '/api/signin'),
  ];
}

/** Chromium on Linux, with a list of credentials on USB keys: the key's page comes at once. */
export function signInOnLinux(): At[] {
  const title = 'Use your security key with localhost';
  const body = 'Insert your security key and touch it.';
  return [
    ...ceremony(0, '/api/signin', { username: 'ada' }),
    [26, show('LU', title, { body, choices: [], controls: ['Back', 'Cancel'], asks: ['insert', 'touch'] })],
    ...signing(30),
    [350, close('LU', { observed: { rules: ['R3/key'], screens: ['LU'] } })],
    ...submit(356, '/api/signin'),
  ];
}
