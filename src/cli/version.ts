/**
 * Who is running: for reports and `--version`.
 */
import { readFileSync } from 'node:fs';
import { KeyrigError } from '../errors.js';
import { packageFile } from './package-files.js';

/** The version in package.json. */
export function toolVersion(): string {
  const file = packageFile('package.json');
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest && manifest.version;
  if (typeof version === 'string') return version;
  throw new KeyrigError('internal', 'package.json has no version', { where: file });
}
