/** A rig with a target and nothing else, for suites that make their own responses. */
import { KeyrigError } from '../../src/errors.js';
import type { Rig } from '../../src/rig/rig.js';
import type { Target } from '../../src/target/target.js';
import type { TraceSink } from '../../src/trace/events.js';

export function bareRig(target: Target, trace: TraceSink): Rig {
  const none = (): never => {
    throw new KeyrigError('internal', 'this rig has no devices, no platform and no person');
  };
  return {
    target,
    platform: 'none',
    devices: [],
    device: none,
    get person(): never {
      return none();
    },
    browser: none,
    lastPrompts: none,
    trace,
    close: () => target.close(),
  };
}
