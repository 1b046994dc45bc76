/**
 * From what the relying party asks for to what this machine can serve: pure set arithmetic, before anything is listed.
 */
import type { CeremonyRequest } from '../../client/ports.js';
import type { AllowedTransport, Channel, DecisionInput, WindowsFacts } from './decision.js';

const EVERY_TRANSPORT: readonly AllowedTransport[] = ['usb', 'nfc', 'ble', 'internal', 'hybrid'];
const REMOVABLE: readonly AllowedTransport[] = ['usb', 'nfc', 'ble', 'hybrid'];

/** From this version of the interface on Windows reaches phones itself, and the browser leaves them to it. */
const API_WITH_PHONES = 6;

/** Whether Windows' own dialog reaches phones. */
export function windowsReachesPhones(windows: WindowsFacts | null): boolean {
  return windows !== null && windows.api >= API_WITH_PHONES;
}

/**
 * The transports that a relying party allows.
 *
 * For get an empty list, and any descriptor that names no known transport, allows all; otherwise the union of all descriptors counts.
 * For create the attachment decides.
 */
export function allowedTransports(
  request: Pick<CeremonyRequest, 'operation' | 'allowCredentials' | 'attachment'>,
): ReadonlySet<AllowedTransport> {
  if (request.operation === 'create') return new Set(transportsOfAttachment(request.attachment));
  const descriptors = request.allowCredentials.map(({ transports }) => knownTransports(transports ?? []));
  const unrestricted = descriptors.length === 0 || descriptors.some((known) => known.length === 0);
  return new Set(unrestricted ? EVERY_TRANSPORT : descriptors.flat());
}

function transportsOfAttachment(attachment: CeremonyRequest['attachment']): readonly AllowedTransport[] {
  if (attachment === 'platform') return ['internal'];
  return attachment === 'cross-platform' ? REMOVABLE : EVERY_TRANSPORT;
}

/** Browsers drop strings that they don't know (WebAuthn L3 §5.8.4). `cable` is the name that hybrid had before. */
function knownTransports(names: readonly string[]): readonly AllowedTransport[] {
  const current = names.map((name) => (name === 'cable' ? 'hybrid' : name));
  return EVERY_TRANSPORT.filter((known) => current.includes(known));
}

/**
 * The channels that the browser itself can serve.
 *
 * On desktops that is USB, hybrid and the platform authenticator; a descriptor with NFC or Bluetooth LE alone leaves nothing. Windows'
 * dialog takes everything but phones, and phones too from interface version 6 on.
 */
export function availableChannels(
  facts: Pick<
    DecisionInput,
    'operation' | 'allowed' | 'windows' | 'bluetooth' | 'platformAuthenticator' | 'credentials'
  >,
): ReadonlySet<Channel> {
  const { allowed, windows } = facts;
  const channels = new Set<Channel>();
  if (allowed.has('usb') && windows === null) channels.add('usb');
  if (allowed.has('hybrid') && facts.bluetooth !== 'absent' && !windowsReachesPhones(windows))
    channels.add('hybrid');
  if (allowed.has('internal') && windows === null && platformMayServe(facts)) channels.add('internal');
  return channels;
}

/** A platform authenticator that has listed its credentials, none of which matches, is out of a get. */
function platformMayServe(
  facts: Pick<DecisionInput, 'operation' | 'platformAuthenticator' | 'credentials'>,
): boolean {
  if (facts.platformAuthenticator === 'none') return false;
  return (
    facts.operation === 'create' || facts.platformAuthenticator === 'opaque' || facts.credentials.length > 0
  );
}

/** Whether a security key can serve the request through Windows' dialog. */
export function allowsKey(allowed: ReadonlySet<AllowedTransport>): boolean {
  return allowed.has('usb') || allowed.has('nfc') || allowed.has('ble');
}
