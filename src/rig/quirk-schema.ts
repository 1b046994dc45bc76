/**
 * The switches of a device profile for disputed points and for what products do, made from the authenticator's own table.
 */
import { z } from 'zod';
import { QUIRKS, type Quirks } from '../authenticator/quirks.js';

type Members = { readonly [N in keyof Quirks]: z.ZodOptional<z.ZodEnum<{ [V in Quirks[N]]: V }>> };

// Each name keeps the values that stand beside it in the table.
const members = Object.fromEntries(
  Object.entries(QUIRKS).map(([name, values]) => [name, z.enum(values as readonly string[]).optional()]),
) as unknown as Members;

/** Positions of switches; those that are left out stand as usual. */
export const quirkSchema = z.strictObject(members);
