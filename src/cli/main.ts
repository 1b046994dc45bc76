#!/usr/bin/env node
/**
 * The `keyrig` command.
 */
import { commandProcess } from './process.js';
import { main } from './program.js';

const command = commandProcess();
await command.end(await main(process.argv.slice(2), command.io));
