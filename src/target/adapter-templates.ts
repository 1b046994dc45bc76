/**
 * Schemas of texts and JSON bodies with placeholders. Which names a placeholder may use depends on the place: a sign-in without
 * username has no `user`, only a submission has a `credential`.
 */
import { z } from 'zod';
import { nearestName } from '../data/nearest-name.js';
import { type JsonTemplate, Template } from './template.js';

/** Every name that a placeholder can start with. */
export const PLACEHOLDER_NAMES = {
  user: 'the account of this step: name, displayName, email, password',
  credential: 'the response of navigator.credentials as JSON, whole or by member',
  credentialId: 'the id of the passkey to be deleted, base64url',
  saved: 'what an earlier step of this session saved',
  wishes:
    'what the run would like the options to have: hints, transports, attachment, residentKey; absent unless it does',
  origin: "the origin of the relying party's pages",
  rpId: 'its RP ID',
  baseUrl: 'where requests go',
} as const;

export type PlaceholderName = keyof typeof PLACEHOLDER_NAMES;

/** Known everywhere. */
const COMMON_NAMES: readonly PlaceholderName[] = ['saved', 'origin', 'rpId', 'baseUrl'];

/** Of names whose members are few and known. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  user: ['name', 'displayName', 'email', 'password'],
  wishes: ['hints', 'transports', 'attachment', 'residentKey'],
};

/** Schemas of one place. */
export interface TemplateSchemas {
  readonly text: z.ZodType<Template, string>;
  readonly json: z.ZodType<JsonTemplate>;
}

/** The schemas of a place where `names` are known beside the common ones. */
export function templateSchemas(names: readonly PlaceholderName[]): TemplateSchemas {
  const known = [...names, ...COMMON_NAMES];
  const text = z.string().transform((source, context) => {
    const parsed = parse(source, known);
    if (parsed instanceof Template) return parsed;
    context.addIssue({ code: 'custom', message: parsed });
    return z.NEVER;
  });
  const json = z.json().transform((value, context) => {
    return parseJson(value, known, (path, message) => {
      context.addIssue({ code: 'custom', message, path: [...path] });
    });
  });
  return { text, json };
}

type Report = (path: readonly PropertyKey[], message: string) => void;

function parse(source: string, known: readonly PlaceholderName[]): Template | string {
  const template = Template.parse(source);
  if (typeof template === 'string') return template;
  for (const { path } of template.placeholders) {
    const [name, member] = path;
    if (!known.some((one) => one === name)) return unknownName(String(name), known);
    const members = MEMBERS[String(name)];
    if (members !== undefined && !members.some((one) => one === member)) {
      const full = members.map((one) => `${name}.${one}`);
      return `expected one of ${full.join(', ')}, got ${source}${suggestion(String(member ?? ''), members)}`;
    }
  }
  return template;
}

function unknownName(name: string, known: readonly string[]): string {
  return `expected a placeholder that starts with one of ${known.join(', ')}, got "${name}"${suggestion(name, known)}`;
}

function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`;
}

function parseJson(
  value: z.core.util.JSONType,
  known: readonly PlaceholderName[],
  report: Report,
  path: readonly PropertyKey[] = [],
): JsonTemplate {
  if (typeof value === 'string') {
    const template = parse(value, known);
    if (template instanceof Template) return template;
    report(path, template);
    return null;
  }
  if (Array.isArray(value))
    return value.map((item, index) => parseJson(item, known, report, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  return Object.fromEntries(
    members.map(([key, inner]) => [key, parseJson(inner, known, report, [...path, key])]),
  );
}
