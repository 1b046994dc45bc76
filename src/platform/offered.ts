/** What the person can do on a screen: the one list that acting, searching and error messages go by. */
import type { Action, DeviceKind } from './ports.js';
import { asksOf, choicesOf, drawScreen, type Scene } from './scene.js';

/**
 * Every possible action, in a fixed order, Escape last. Nothing is possible once the ceremony has ended.
 *
 * The confirming button of a PIN page is not among them: it belongs to entering the PIN. While a device is in use its page can be answered or
 * left, but no longer be gone back from.
 */
export function offeredActions(scene: Scene): readonly Action[] {
  const { phase } = scene.state;
  if (phase === 'ended') return [];
  return [
    ...offeredChoices(scene),
    ...offeredControls(scene),
    ...(phase === 'choosing' ? offeredByHand(scene) : offeredToDevice(scene)),
    { kind: 'cancel' },
  ];
}

function offeredChoices(scene: Scene): readonly Action[] {
  const { phase, wanted } = scene.state;
  if (phase === 'running' && wanted !== 'account') return [];
  return choicesOf(scene).map(({ id }) => ({ kind: 'select', choice: id }));
}

function offeredControls(scene: Scene): readonly Action[] {
  const { phase, wanted } = scene.state;
  const roles = phase === 'choosing' ? ['submit', 'cancel', 'other'] : ['cancel'];
  if (wanted === 'account') roles.push('submit');
  return drawScreen(scene)
    .controls.filter(({ role }) => roles.includes(role))
    .map(({ label }) => ({ kind: 'press', control: label }));
}

/** While a device is being chosen: what can be done with the devices at hand. */
function offeredByHand(scene: Scene): readonly Action[] {
  const { step, state, usableKeys } = scene;
  const asks = asksOf(scene);
  const keys = devicesOf(scene, 'security-key').filter((id) => !state.plugged.includes(id));
  const phones = phonesOf(scene).filter((id) => !state.tried.includes(id));
  const own = devicesOf(scene, 'platform').filter((id) => !state.tried.includes(id));
  const listens = listensForKeys(scene);
  return [
    ...(listens ? keys : []).map((device): Action => ({ kind: 'insert', device })),
    ...(listens ? usableKeys : []).map((device): Action => ({ kind: 'touch', device })),
    ...(asks.includes('scan') ? phones : []).map((device): Action => ({ kind: 'scan', device })),
    ...(asks.includes('verify') && step.leads === 'platform' && own.length > 0
      ? [{ kind: 'verify' } as const]
      : []),
  ];
}

/** The phone that was picked by its name, or any. */
function phonesOf(scene: Scene): readonly string[] {
  const { setting, state } = scene;
  const picked = setting.devices.filter(({ kind, label }) => kind === 'phone' && label === state.phone);
  return picked.length > 0 ? picked.map(({ id }) => id) : devicesOf(scene, 'phone');
}

function devicesOf({ setting }: Scene, kind: DeviceKind): readonly string[] {
  return setting.devices.filter((device) => device.kind === kind).map(({ id }) => id);
}

/** While a device is in use: what it waits for. */
function offeredToDevice({ state }: Scene): readonly Action[] {
  const { wanted, device } = state;
  if (wanted === 'touch') return [device === undefined ? { kind: 'touch' } : { kind: 'touch', device }];
  if (wanted === 'pin' || wanted === 'verify') return [{ kind: wanted }];
  return [];
}

/**
 * Whether plugging in or touching a key does something here: on pages that ask for it, and where the browser listens in the background
 * on all of its sheets.
 */
export function listensForKeys(scene: Scene): boolean {
  const { setting, decision, step } = scene;
  if (!decision.keyUsable) return false;
  const asks = (step.asks ?? []).map((ask) => ask.for);
  if (step.leads === 'security-key' && asks.includes('insert')) return true;
  return setting.profile.dispatch === 'background' && step.ignoresKeys !== true;
}

/** Whether `wished` is one of the offered actions, and which one: a device that is left out is the first one that fits. */
export function matchAction(offered: readonly Action[], wished: Action): Action | undefined {
  return offered.find((action) => isSame(action, wished));
}

function isSame(action: Action, wished: Action): boolean {
  switch (action.kind) {
    case 'select':
      return wished.kind === 'select' && wished.choice === action.choice;
    case 'press':
      return wished.kind === 'press' && wished.control === action.control;
    case 'insert':
    case 'touch':
    case 'scan':
      return wished.kind === action.kind && (wished.device ?? action.device) === action.device;
    case 'pin':
    case 'verify':
    case 'cancel':
      return wished.kind === action.kind;
  }
}
