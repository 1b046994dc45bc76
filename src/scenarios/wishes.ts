/**
 * Options as a scenario wishes them: asked of the relying party where its adapter can, else edited the way it would have sent them.
 */
import type { OptionsWishes, SignInFlow, TargetSession, TargetUser } from '../target/target.js';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '../webauthn/types.js';
import type { ScenarioContext } from './context.js';

/** Asks for registration options. */
export function askRegistrationOptions(
  context: ScenarioContext,
  session: TargetSession,
  user: TargetUser,
  wishes: OptionsWishes | undefined,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const ask = (asked?: OptionsWishes) => session.registrationOptions(user, asked);
  return askFor(context, 'ask for registration options', wishes, ask, withCreationWishes);
}

/** Asks for sign-in options. */
export function askSignInOptions(
  context: ScenarioContext,
  session: TargetSession,
  request: { readonly flow: SignInFlow; readonly user?: TargetUser | undefined },
  wishes: OptionsWishes | undefined,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const ask = (asked?: OptionsWishes) => session.signInOptions(request.flow, request.user, asked);
  return askFor(context, `ask for sign-in options (${request.flow})`, wishes, ask, withRequestWishes);
}

async function askFor<Options>(
  context: ScenarioContext,
  title: string,
  wishes: OptionsWishes | undefined,
  ask: (wishes?: OptionsWishes) => Promise<Options>,
  apply: (options: Options, wishes: OptionsWishes) => Options,
): Promise<Options> {
  if (wishes === undefined) return context.step(title, () => ask());
  const wished = describeWishes(wishes);
  if (!context.rig.target.capabilities.has('options.wishes')) {
    const options = await context.step(title, () => ask());
    context.note(`edit the options as the relying party would send them: ${wished}`);
    return apply(options, wishes);
  }
  const options = await context.step(`${title}, wishing ${wished}`, () => ask(wishes));
  // Options that have what was wished for don't change when it is put into them once more.
  if (JSON.stringify(apply(options, wishes)) !== JSON.stringify(options))
    context.inconclusive(`the relying party did not send what it was asked for: ${wished}`);
  return options;
}

/** Creation options with the wishes in their places. */
export function withCreationWishes(
  options: PublicKeyCredentialCreationOptionsJSON,
  wishes: OptionsWishes,
): PublicKeyCredentialCreationOptionsJSON {
  const { hints, attachment, residentKey } = wishes;
  const selection = {
    ...options.authenticatorSelection,
    ...(attachment === undefined ? {} : { authenticatorAttachment: attachment }),
    ...(residentKey === undefined ? {} : { residentKey }),
    // WebAuthn L3 §5.4.4: the older member, where it is sent, says the same as the newer one.
    ...(residentKey === undefined || options.authenticatorSelection?.requireResidentKey === undefined
      ? {}
      : { requireResidentKey: residentKey === 'required' }),
  };
  return {
    ...options,
    ...(hints === undefined ? {} : { hints }),
    ...(Object.keys(selection).length === 0 ? {} : { authenticatorSelection: selection }),
  };
}

/** Request options with the wishes in their places. */
export function withRequestWishes(
  options: PublicKeyCredentialRequestOptionsJSON,
  { hints, transports }: OptionsWishes,
): PublicKeyCredentialRequestOptionsJSON {
  const allowed = options.allowCredentials;
  return {
    ...options,
    ...(hints === undefined ? {} : { hints }),
    ...(transports === undefined || allowed === undefined
      ? {}
      : { allowCredentials: allowed.map((descriptor) => withTransports(descriptor, transports)) }),
  };
}

type DescriptorJSON = NonNullable<PublicKeyCredentialRequestOptionsJSON['allowCredentials']>[number];

/** No transports means a descriptor without the member: an empty array would say the same in another way. */
function withTransports(descriptor: DescriptorJSON, transports: readonly string[]): DescriptorJSON {
  const { transports: _, ...bare } = descriptor;
  return transports.length === 0 ? bare : { ...descriptor, transports };
}

function describeWishes(wishes: OptionsWishes): string {
  const parts = [
    wishes.hints && `hints [${wishes.hints.join(', ')}]`,
    wishes.transports &&
      (wishes.transports.length === 0
        ? 'descriptors without transports'
        : `transports [${wishes.transports.join(', ')}]`),
    wishes.attachment && `attachment ${wishes.attachment}`,
    wishes.residentKey && `residentKey ${wishes.residentKey}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
