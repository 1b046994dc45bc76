/**
 * `keyrig doctor`: whether this machine has what keyrig needs, and how to get what is missing.
 */
import { Command } from 'commander';
import pc from 'picocolors';
import { EXIT, wantsColour } from '../io.js';
import type { Finding } from '../machine-checks.js';
import type { CommandParts } from '../program.js';

/** Makes the command. */
export function doctorCommand({ io, outcome }: CommandParts): Command {
  return new Command('doctor')
    .description('look whether this machine has what keyrig needs, and say how to get what is missing')
    .option('--json', 'print the findings as JSON on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  keyrig doctor\n  keyrig doctor --json | jq ".[] | select(.ok | not)"',
    )
    .action(async (options: { readonly json?: boolean }) => {
      const { examine, realMachine } = await import('../machine-checks.js');
      const findings = await examine(realMachine(io.cwd));
      if (options.json) io.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
      else for (const finding of findings) io.stderr.write(`${describeFinding(finding, wantsColour(io))}\n`);
      outcome.code = findings.every((finding) => finding.ok) ? EXIT.ok : EXIT.failed;
    });
}

/** One line: what was looked at, what was found, and how to mend it. */
export function describeFinding(finding: Finding, colour: boolean): string {
  const paint = pc.createColors(colour);
  const mark = finding.ok ? paint.green('ok     ') : paint.red('missing');
  const hint = finding.ok || finding.hint === undefined ? '' : ` (${finding.hint})`;
  return `${mark}  ${finding.title}: ${finding.detail}${hint}`;
}
