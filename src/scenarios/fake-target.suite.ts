/**
 * A relying party for tests, in memory: it behaves well, or breaks exactly what its faults say.
 */
import type {
  ListedCredential,
  OptionsWishes,
  SessionSnapshot,
  SignInFlow,
  SignInMethod,
  SignInMethods,
  SubmitOutcome,
  Target,
  TargetCapability,
  TargetPolicy,
  TargetSession,
  TargetUser,
} from '../target/target.js';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '../webauthn/types.js';
import { withCreationWishes, withRequestWishes } from './wishes.js';

/** What a relying party can get wrong, one thing each. */
export type TargetFault =
  | 'password-refused'
  | 'registration-refused'
  | 'registration-crashes'
  | 'registration-forgotten'
  | 'assertion-refused'
  | 'assertion-refused-but-signed-in'
  | 'assertion-throttled'
  | 'signs-in-nobody'
  | 'signs-in-the-first-user'
  | 'everybody-is-signed-in'
  | 'names-credentials'
  | 'passkey-comes-first'
  | 'passkey-is-not-offered'
  | 'password-stays-first'
  | 'wishes-ignored'
  /** Not wrong, but different: no PIN is asked for when signing in. */
  | 'discourages-verification';

interface Account {
  readonly user: TargetUser;
  readonly handle: string;
  readonly passkeys: string[];
  last: SignInMethod;
}

const ACCEPTED: SubmitOutcome = { verdict: 'accepted', status: 200, detail: 'HTTP 200' };
const refused = (detail: string): SubmitOutcome => ({ verdict: 'refused', status: 400, detail });

/** Everything that the adapter of this relying party can do. */
export const ALL_CAPABILITIES: readonly TargetCapability[] = [
  'users',
  'register',
  'signIn.username',
  'signIn.usernameless',
  'signIn.password',
  'signIn.methods',
  'whoami',
  'credentials.list',
  'signOut',
  'options.wishes',
];

/** The relying party. */
export class FakeTarget implements Target {
  readonly id = 'fake';
  readonly origin = 'https://fake.test';
  readonly rpId = 'fake.test';
  readonly policy: TargetPolicy;
  readonly capabilities: ReadonlySet<TargetCapability>;
  readonly faults: ReadonlySet<string>;
  readonly accounts: Account[] = [];
  challenges = 0;

  constructor(faults: ReadonlySet<string>, capabilities: Iterable<TargetCapability> = ALL_CAPABILITIES) {
    this.faults = faults;
    this.policy = {
      userVerification: faults.has('discourages-verification') ? 'discouraged' : 'required',
    };
    this.capabilities = new Set(capabilities);
  }

  openSession(name: string): TargetSession {
    return new FakeSession(name, this);
  }

  async createUser(user: TargetUser): Promise<void> {
    if (this.find(user) === undefined)
      this.accounts.push({ user, handle: `handle-${user.name}`, passkeys: [], last: 'password' });
  }

  find(user: TargetUser | undefined): Account | undefined {
    return this.accounts.find((account) => account.user.name === user?.name);
  }

  async close(): Promise<void> {}
}

class FakeSession implements TargetSession {
  readonly name: string;
  readonly #target: FakeTarget;
  #account: Account | undefined;
  #challenge = '';

  constructor(name: string, target: FakeTarget) {
    this.name = name;
    this.#target = target;
  }

  async signInWithPassword(user: TargetUser): Promise<SubmitOutcome> {
    const account = this.#target.find(user);
    if (account?.user.password !== user.password || this.#has('password-refused')) return refused('no');
    account.last = 'password';
    this.#account = account;
    return ACCEPTED;
  }

  async registrationOptions(
    user: TargetUser,
    wishes?: OptionsWishes,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const options: PublicKeyCredentialCreationOptionsJSON = {
      rp: { id: this.#target.rpId, name: 'Fake' },
      user: { id: this.#target.find(user)?.handle ?? '', name: user.email, displayName: user.displayName },
      challenge: this.#newChallenge(),
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    };
    return wishes === undefined || this.#has('wishes-ignored')
      ? options
      : withCreationWishes(options, wishes);
  }

  async submitRegistration(response: RegistrationResponseJSON): Promise<SubmitOutcome> {
    if (this.#has('registration-refused')) return refused('HTTP 400: attestation');
    if (this.#has('registration-crashes'))
      return { verdict: 'crashed', status: 500, detail: 'HTTP 500: internal server error' };
    if (response.response.clientDataJSON !== this.#challenge) return refused('HTTP 400: challenge');
    if (!this.#has('registration-forgotten')) this.#account?.passkeys.push(response.id);
    return ACCEPTED;
  }

  async signInMethods(user: TargetUser): Promise<SignInMethods> {
    const account = this.#target.find(user);
    const preferred = this.#has('passkey-comes-first') ? 'passkey' : (account?.last ?? 'password');
    return {
      preferred: this.#has('password-stays-first') ? 'password' : preferred,
      available: this.#has('passkey-is-not-offered') ? ['password'] : ['password', 'passkey'],
    };
  }

  async signInOptions(
    flow: SignInFlow,
    user?: TargetUser,
    wishes?: OptionsWishes,
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const named = flow === 'username' ? this.#target.find(user) : this.#target.accounts.at(-1);
    const ids = flow === 'username' || this.#has('names-credentials') ? (named?.passkeys ?? []) : [];
    const options: PublicKeyCredentialRequestOptionsJSON = {
      challenge: this.#newChallenge(),
      rpId: this.#target.rpId,
      allowCredentials: ids.map((id) => ({ type: 'public-key', id, transports: ['usb', 'hybrid'] })),
      userVerification: this.#target.policy.userVerification,
    };
    return wishes === undefined || this.#has('wishes-ignored') ? options : withRequestWishes(options, wishes);
  }

  async submitSignIn(response: AuthenticationResponseJSON): Promise<SubmitOutcome> {
    if (this.#has('assertion-refused')) return refused('HTTP 401: signature');
    if (this.#has('assertion-throttled')) return { verdict: 'throttled', status: 429, detail: 'HTTP 429' };
    const account = this.#target.accounts.find(({ passkeys }) => passkeys.includes(response.id));
    if (account === undefined || response.response.clientDataJSON !== this.#challenge)
      return refused('HTTP 401: unknown');
    if (this.#has('assertion-refused-but-signed-in')) {
      this.#account = account;
      return refused('HTTP 401: signature');
    }
    account.last = 'passkey';
    if (!this.#has('signs-in-nobody'))
      this.#account = this.#has('signs-in-the-first-user') ? this.#target.accounts[0] : account;
    return ACCEPTED;
  }

  async whoami(): Promise<string | undefined> {
    const account = this.#has('everybody-is-signed-in') ? this.#target.accounts[0] : this.#account;
    return account?.user.name;
  }

  async credentials(): Promise<readonly ListedCredential[]> {
    return (this.#account?.passkeys ?? []).map((id) => ({ id }));
  }

  async deleteCredential(): Promise<SubmitOutcome> {
    return refused('not here');
  }

  async signOut(): Promise<void> {
    this.#account = undefined;
  }

  snapshot(): SessionSnapshot {
    return { cookies: [], saved: {} };
  }

  restore(): void {}

  #has(fault: TargetFault): boolean {
    return this.#target.faults.has(fault);
  }

  /** The fake browser's client data is the challenge and nothing else. */
  #newChallenge(): string {
    this.#target.challenges += 1;
    this.#challenge = `challenge-${this.#target.challenges}`;
    return this.#challenge;
  }
}
