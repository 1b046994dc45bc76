/**
 * What the demo takes from a request body, checked for its shape. Members that nobody asked for are dropped.
 */
import { z } from 'zod';

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/, 'expected base64url without padding');

/** WebAuthn L3 §6.5.1: a credential id has at most 1023 bytes. */
const credentialId = base64url.max(1364);

const envelope = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
};

/** `toJSON()` of a registration. Copies of what the attestation object says (publicKey and so on) are not read at all. */
export const registrationResponseSchema = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string().max(32)).max(16).default([]),
  }),
});

/** `toJSON()` of a sign-in. An empty user handle is none: Safari sends that. */
export const signInResponseSchema = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: z
      .union([base64url, z.literal('')])
      .nullish()
      .transform((handle) => (handle === '' || handle === null ? undefined : handle)),
  }),
});

/** A registration, checked for its shape. */
export type RegistrationResponse = z.output<typeof registrationResponseSchema>;
/** A sign-in, checked for its shape. */
export type SignInResponse = z.output<typeof signInResponseSchema>;

const transports = z.array(z.enum(['usb', 'nfc', 'ble', 'hybrid', 'internal', 'smart-card'])).max(8);
const hints = z.array(z.enum(['security-key', 'client-device', 'hybrid'])).max(8);

/** What a page may ask for in sign-in options. The demo's policy is not among it. */
export const signInOptionsSchema = z.object({
  username: z.string().min(1).max(254).optional(),
  hints: hints.optional(),
  /** For every descriptor in place of what is stored; empty: descriptors without transports. */
  transports: transports.optional(),
});

/** What a page may ask for in registration options. */
export const registrationOptionsSchema = z.object({
  hints: hints.optional(),
  authenticatorSelection: z
    .object({
      authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
      residentKey: z.enum(['required', 'preferred', 'discouraged']).optional(),
    })
    .default({}),
});

/** The same wishes in a page's address: `?hints=security-key&transports=usb,nfc&attachment=cross-platform&residentKey=required`. */
export const pageWishesSchema = z.object({
  hints: commaList().pipe(hints).exactOptional(),
  transports: commaList().pipe(transports).exactOptional(),
  attachment: z.enum(['platform', 'cross-platform']).exactOptional(),
  residentKey: z.enum(['required', 'preferred', 'discouraged']).exactOptional(),
});

function commaList() {
  return z.string().transform((text) => text.split(',').filter((word) => word !== ''));
}

/** A new account. */
export const newUserSchema = z.object({
  name: z.string().trim().min(1).max(64),
  displayName: z.string().trim().min(1).max(64),
  email: z.email().max(254),
  password: z.string().min(8).max(256),
});

/** A password sign-in. */
export const passwordSchema = z.object({
  username: z.string().min(1).max(254),
  password: z.string().min(1).max(256),
});

/** A name typed at sign-in. */
export const usernameSchema = z.object({ username: z.string().min(1).max(254) });
