/**
 * The schema of a deliberate fault, for files that may hold one: device profiles and scenarios.
 */
import { z } from 'zod';
import { COMMANDS } from './commands.js';
import { deviceFaultProblem } from './device-fault-input.js';
import { DEVICE_FAULT_NAMES, type DeviceFaultInput, U2F_COMMANDS } from './device-faults.js';

/** Its members. */
export const deviceFaultMembers = {
  fault: z.enum(DEVICE_FAULT_NAMES).describe('what goes wrong'),
  value: z.union([z.string(), z.int()]).exactOptional().describe('how; left out: the usual way'),
  command: z
    .enum([...(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]), ...U2F_COMMANDS])
    .exactOptional()
    .describe('only in this command'),
  subCommand: z.string().exactOptional().describe('only in this sub-command of it'),
  times: z.int().min(1).exactOptional().describe('how many answers it damages; left out: all'),
} as const;

/** What the members can't say one by one. */
export function checkDeviceFault(fault: DeviceFaultInput, context: z.RefinementCtx): void {
  const problem = deviceFaultProblem(fault);
  if (problem === undefined) return;
  const { member, message, nearest } = problem;
  const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  context.addIssue({ code: 'custom', path: [member], message: `${message}${hint}` });
}

/** One fault. */
export const deviceFaultSchema = z.strictObject(deviceFaultMembers).superRefine(checkDeviceFault);
