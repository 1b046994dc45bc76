/** Deciding by what one wants, whatever the screens look like. */
import { type PersonHabits, pickAccount } from './habits.js';
import { matchAction } from './offered.js';
import type { Action, DeviceKind, View } from './ports.js';

/** What a person can head for. */
export type Wish = DeviceKind | 'whatever-comes-first';

/** What to do next, for someone who heads for a kind of device, as a pure function of what is on screen. */
export function decideWish(wish: Wish, habits: PersonHabits, view: View): Action {
  // Nobody who only wants to sign in lifts a soft block unasked; one who did would go on until the key is blocked for good.
  if (view.screen.softBlock) return { kind: 'cancel' };
  const account = pickAccount(habits, view);
  if (account !== undefined) return account;
  if (wish === 'whatever-comes-first') return firstThing(view);
  return view.wayTo(wish)?.[0] ?? { kind: 'cancel' };
}

/** What the screen itself suggests: what it asks for, what it has selected, its default button, its first row. */
function firstThing({ screen, offered }: View): Action {
  const asked = screen.asks.flatMap((ask) => offered.filter(({ kind }) => kind === ask));
  const [first] = screen.choices;
  const suggested = screen.choices.find(({ id }) => id === screen.selected) ?? first;
  const byDefault = screen.controls.find(({ isDefault }) => isDefault);
  const wishes: (Action | undefined)[] = [
    asked[0],
    screen.selectSubmits && suggested !== undefined ? { kind: 'select', choice: suggested.id } : undefined,
    byDefault === undefined ? undefined : { kind: 'press', control: byDefault.label },
  ];
  for (const wish of wishes) {
    const match = wish === undefined ? undefined : matchAction(offered, wish);
    if (match !== undefined) return match;
  }
  return { kind: 'cancel' };
}
