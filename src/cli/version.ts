/**
 * Who is running: for reports and `--version`.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { packageFile } from './package-files.js';

const manifest = z.object({ version: z.string() });

/** The version in package.json. */
export function toolVersion(): string {
  return manifest.parse(JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))).version;
}
