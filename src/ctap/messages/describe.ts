/**
 * Messages with named fields, as plain JSON: for traces and reports.
 *
 * Nothing is redacted here; the names are the specification's, so that a redactor can go by name.
 */
import { toHex } from '../../data/bytes.js';
import { type CborMap, type CborValue, decodeLeniently } from '../cbor.js';
import { type CommandName, commandName, commandOf } from '../commands.js';
import { STATUS, statusName } from '../status.js';
import { BIO_ENROLLMENT_SUBCOMMANDS, bioEnrollmentRequest, bioEnrollmentResponse } from './bio-enrollment.js';
import { CLIENT_PIN_SUBCOMMANDS, clientPinRequest, clientPinResponse } from './client-pin.js';
import { CONFIG_SUBCOMMANDS, configRequest } from './config.js';
import {
  CREDENTIAL_MANAGEMENT_SUBCOMMANDS,
  credentialManagementRequest,
  credentialManagementResponse,
} from './credential-management.js';
import { getAssertionRequest, getAssertionResponse } from './get-assertion.js';
import { getInfoResponse } from './get-info.js';
import { largeBlobsRequest, largeBlobsResponse } from './large-blobs.js';
import { makeCredentialRequest, makeCredentialResponse } from './make-credential.js';
import type { Member } from './shape.js';

/** JSON, with byte strings as hex. */
export type PlainJson =
  | null
  | boolean
  | number
  | string
  | readonly PlainJson[]
  | { readonly [key: string]: PlainJson };

/** A message for people. */
export interface Description {
  /** The command or the status, by name. */
  readonly name: string;
  /** Members by name, unknown ones by key; absent when the message has none. */
  readonly fields?: PlainJson;
}

type Members = Readonly<Record<string, Pick<Member<never, boolean>, 'key'>>>;
type Table = { readonly request?: Members; readonly response?: Members };

const BIO_ENROLLMENT: Table = {
  request: bioEnrollmentRequest.members,
  response: bioEnrollmentResponse.members,
};

const CREDENTIAL_MANAGEMENT: Table = {
  request: credentialManagementRequest.members,
  response: credentialManagementResponse.members,
};

const SHAPES: Partial<Record<CommandName, Table>> = {
  authenticatorMakeCredential: {
    request: makeCredentialRequest.members,
    response: makeCredentialResponse.members,
  },
  authenticatorGetAssertion: { request: getAssertionRequest.members, response: getAssertionResponse.members },
  authenticatorGetNextAssertion: { response: getAssertionResponse.members },
  authenticatorGetInfo: { response: getInfoResponse.members },
  authenticatorClientPIN: { request: clientPinRequest.members, response: clientPinResponse.members },
  authenticatorBioEnrollment: BIO_ENROLLMENT,
  authenticatorBioEnrollmentPreview: BIO_ENROLLMENT,
  authenticatorCredentialManagement: CREDENTIAL_MANAGEMENT,
  authenticatorCredentialManagementPreview: CREDENTIAL_MANAGEMENT,
  authenticatorLargeBlobs: { request: largeBlobsRequest.members, response: largeBlobsResponse.members },
  authenticatorConfig: { request: configRequest.members },
};

/** Commands with sub-commands: where the number is, and what it means. */
interface Subcommands {
  readonly key: number | string;
  readonly numbers: Readonly<Record<string, number>>;
}

const BIO_SUBCOMMANDS: Subcommands = {
  key: bioEnrollmentRequest.members.subCommand.key,
  numbers: BIO_ENROLLMENT_SUBCOMMANDS,
};

const CREDENTIAL_SUBCOMMANDS: Subcommands = {
  key: credentialManagementRequest.members.subCommand.key,
  numbers: CREDENTIAL_MANAGEMENT_SUBCOMMANDS,
};

const SUBCOMMANDS: Partial<Record<CommandName, Subcommands>> = {
  authenticatorClientPIN: { key: clientPinRequest.members.subCommand.key, numbers: CLIENT_PIN_SUBCOMMANDS },
  authenticatorBioEnrollment: BIO_SUBCOMMANDS,
  authenticatorBioEnrollmentPreview: BIO_SUBCOMMANDS,
  authenticatorCredentialManagement: CREDENTIAL_SUBCOMMANDS,
  authenticatorCredentialManagementPreview: CREDENTIAL_SUBCOMMANDS,
  authenticatorConfig: { key: configRequest.members.subCommand.key, numbers: CONFIG_SUBCOMMANDS },
};

/** A request by name; any bytes will do. */
export function describeRequest(message: Uint8Array): Description {
  const command = message[0] ?? 0;
  const known = commandOf(command);
  const table = known === undefined ? undefined : SHAPES[known]?.request;
  const body = namedMembers(message.subarray(1), table);
  const subcommands = known === undefined ? undefined : SUBCOMMANDS[known];
  const suffix = subcommands === undefined ? '' : subcommandName(message, subcommands);
  return { name: `${commandName(command)}${suffix}`, ...body };
}

/** An answer by name, read in the light of its request; any bytes will do. */
export function describeResponse(request: Uint8Array, message: Uint8Array): Description {
  const status = message[0];
  if (status === undefined) return { name: 'empty answer' };
  const known = commandOf(request[0] ?? 0);
  const table =
    known === undefined || status !== STATUS.CTAP1_ERR_SUCCESS ? undefined : SHAPES[known]?.response;
  return { name: statusName(status), ...namedMembers(message.subarray(1), table) };
}

function subcommandName(message: Uint8Array, { key, numbers }: Subcommands): string {
  const body = decodeLeniently(message.subarray(1)).value;
  const number = body instanceof Map ? (body as CborMap).get(key) : undefined;
  const found = Object.entries(numbers).find(([, code]) => code === number);
  return found === undefined ? '' : ` ${found[0]}`;
}

function namedMembers(body: Uint8Array, table: Members | undefined): { readonly fields?: PlainJson } {
  if (body.length === 0) return {};
  const { value, violations } = decodeLeniently(body);
  const plain = value === undefined ? { malformed: toHex(body) } : nameKeys(value, table);
  if (violations.length === 0) return { fields: plain };
  return {
    fields: { message: plain, violations: violations.map((fault) => `${fault.rule} at ${fault.offset}`) },
  };
}

function nameKeys(value: CborValue, table: Members | undefined): PlainJson {
  if (!(value instanceof Map) || table === undefined) return toPlainJson(value);
  const names = new Map(Object.entries(table).map(([name, member]) => [member.key, name]));
  const entries = [...(value as CborMap)].map(([key, item]) => {
    const name = typeof key === 'bigint' ? undefined : names.get(key);
    return [name ?? String(key), toPlainJson(item)] as const;
  });
  return Object.fromEntries(entries);
}

/** CBOR as JSON: byte strings in hex, maps as objects, big integers in decimal. */
export function toPlainJson(value: CborValue): PlainJson {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map((item: CborValue) => toPlainJson(item));
  if (value instanceof Map) {
    return Object.fromEntries([...(value as CborMap)].map(([key, item]) => [String(key), toPlainJson(item)]));
  }
  return value as null | boolean | number | string;
}
