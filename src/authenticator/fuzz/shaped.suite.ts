/**
 * Messages with the shape of requests and anything in them: for every command that a key has, whether anybody thought of it here or not.
 */
import { type CborKey, type CborValue, encode } from '../../ctap/cbor.js';
import { COMMANDS } from '../../ctap/commands.js';
import { concat } from '../../data/bytes.js';
import { COMMANDS_OF_THE_KEY } from '../commands/table.js';
import type { Dice } from '../fuzz.suite.js';

const TEXTS = ['id', 'type', 'public-key', 'a.example', 'credProtect', 'rk', 'up', 'uv', 'alg', ''];
const NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7, 9, 17, 24, 63, 64, 255, 256, 65_536, -1, -7, -8, -257, 2 ** 53 - 1];
const LENGTHS = [0, 1, 16, 17, 31, 32, 33, 48, 64, 80];

/** A map with small integer keys behind the byte of a command. */
export function shapedMessage(dice: Dice): Uint8Array {
  const name = COMMANDS_OF_THE_KEY[dice.below(COMMANDS_OF_THE_KEY.length)] ?? 'authenticatorGetInfo';
  const byte = Uint8Array.of(COMMANDS[name]);
  if (dice.below(16) === 0) return byte;
  const members = new Map<CborKey, CborValue>();
  for (let count = 1 + dice.below(7); count > 0; count--) members.set(1 + dice.below(11), value(dice, 2));
  // Most commands ask for a sub-command first, and most of those are few.
  if (dice.below(3) > 0) members.set(1 + dice.below(2), 1 + dice.below(9));
  return concat(byte, encode(members, { maxDepth: 8 }));
}

function value(dice: Dice, depth: number): CborValue {
  switch (dice.below(depth > 0 ? 8 : 5)) {
    case 0:
    case 1:
      return NUMBERS[dice.below(NUMBERS.length)] ?? 0;
    case 2:
      return TEXTS[dice.below(TEXTS.length)] ?? '';
    case 3:
      return bytes(dice);
    case 4:
      return dice.below(2) === 0;
    case 5:
      return Array.from({ length: dice.below(3) }, () => value(dice, depth - 1));
    case 6:
      return new Map(
        Array.from({ length: dice.below(4) }, (): [CborKey, CborValue] => [
          TEXTS[dice.below(TEXTS.length)] ?? '',
          value(dice, depth - 1),
        ]),
      );
    default:
      return new Map(
        Array.from({ length: dice.below(4) }, (): [CborKey, CborValue] => [
          1 + dice.below(4),
          value(dice, depth - 1),
        ]),
      );
  }
}

function bytes(dice: Dice): Uint8Array {
  const length = LENGTHS[dice.below(LENGTHS.length)] ?? 0;
  return Uint8Array.from({ length }, () => dice.below(256));
}
