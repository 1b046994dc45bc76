/**
 * An imported profile as a YAML file that people can go on with: where it is from, and why each claim is only one.
 */
import { Document, isScalar, isSeq, visit } from 'yaml';
import type { DeviceFacts } from './metadata-facts.js';
import { type ImportOptions, importedMembers } from './metadata-import.js';
import { reasonOf } from './metadata-rules.js';

/** Columns of a line, as in the profiles that come with keyrig. */
const WIDTH = 140;

/** The text of a profile's file. @throws KeyrigError `profile-invalid` for a device that keyrig can't be */
export function importedYaml(facts: DeviceFacts, options: ImportOptions): string {
  const document = new Document(importedMembers(facts, options));
  document.commentBefore = [
    ` ${facts.description}: written by \`keyrig profiles import\`.`,
    ` Source: ${options.source}. Its attestation is signed by keyrig's own test root, never by a vendor.`,
  ].join('\n');
  oneLiners(document);
  comment(document, 'snapshot', ' In this state the real device said what getInfo shows here.');
  reasons(document);
  return document.toString({ lineWidth: WIDTH, flowCollectionPadding: false });
}

/** Lists of plain values stand on one line, but for the claims, which have comments. */
function oneLiners(document: Document): void {
  visit(document, {
    Seq: (_, node) => {
      node.flow = node.items.every((item) => isScalar(item));
    },
  });
}

function reasons(document: Document): void {
  const claims = document.get('claimedOnly');
  if (!isSeq(claims)) return;
  claims.flow = false;
  for (const item of claims.items) if (isScalar(item)) item.comment = ` ${reasonOf(String(item.value))}`;
}

function comment(document: Document, member: string, text: string): void {
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === member) key.commentBefore = text;
    },
  });
}
