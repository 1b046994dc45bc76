/**
 * One isolated session with a relying party, driven by its adapter over HTTP.
 */
import { KeyrigError } from '../errors.js';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '../webauthn/types.js';
import { ruleHolds } from './adapter-rules.js';
import type { Adapter, CeremonyHttp } from './adapter-schema.js';
import { CookieJar } from './cookie-jar.js';
import type { HttpClient, HttpSender } from './http-client.js';
import { readJsonPath } from './json-path.js';
import { asCreationOptions, asRequestOptions } from './option-shapes.js';
import type { SavedSecrets } from './saved-secrets.js';
import {
  notJson,
  requireSteps,
  requireValue,
  runSteps,
  type StepContext,
  takeValue,
  unexpectedAnswer,
} from './step-runner.js';
import { submit } from './submit-outcome.js';
import type {
  ListedCredential,
  OptionsWishes,
  SessionSnapshot,
  SignInFlow,
  SignInMethod,
  SignInMethods,
  SubmitOutcome,
  TargetSession,
  TargetUser,
} from './target.js';
import type { TemplateScope } from './template.js';

/** What all sessions of a target share. */
export interface SessionSetting {
  readonly adapter: Adapter;
  readonly client: HttpClient;
  /** `origin`, `rpId` and `baseUrl`. */
  readonly scope: TemplateScope;
  /** The users that the target has seen, by e-mail address: some relying parties tell nothing else about who is signed in. */
  readonly usersByEmail: Map<string, TargetUser>;
  readonly secrets: SavedSecrets;
}

/** What placeholders can name in one run of steps only. */
interface StepValues {
  readonly user?: TargetUser | undefined;
  readonly wishes?: OptionsWishes;
  readonly credential?: unknown;
  readonly credentialId?: string;
}

/** A {@link TargetSession} that an adapter describes. */
export class AdapterSession implements TargetSession {
  readonly name: string;
  readonly #setting: SessionSetting;
  readonly #jar = new CookieJar();
  readonly #saved = new Map<string, unknown>();
  /** Passwords, and tokens that were saved, also those that newer ones have replaced. */
  readonly #secrets = new Set<string>();
  /** Of the last options, for the submission that follows. */
  #user: TargetUser | undefined;
  #flow: SignInFlow | undefined;

  constructor(name: string, setting: SessionSetting) {
    this.name = name;
    this.#setting = setting;
  }

  /**
   * Makes the account. For the target: everybody else uses `Target.createUser`.
   *
   * @throws KeyrigError `target-answer` when the answer neither means success nor that the account exists.
   */
  async createUser(user: TargetUser): Promise<void> {
    const { http } = this.#verb(this.#setting.adapter.users.create, 'users.create');
    const { answer, unmet } = await runSteps(http.steps, this.#context({ user }), true);
    if (unmet !== undefined) throw unexpectedAnswer(answer, unmet);
    const known =
      ruleHolds(http.success, answer) || (http.exists !== undefined && ruleHolds(http.exists, answer));
    if (!known) throw unexpectedAnswer(answer, `expected the account "${user.name}" to be made`);
  }

  async signInWithPassword(user: TargetUser): Promise<SubmitOutcome> {
    const { signIn, users } = this.#setting.adapter;
    const { http } = this.#verb(signIn.password ?? users.login, 'signIn.password');
    return submit(http.steps, http, this.#context({ user }));
  }

  async registrationOptions(
    user: TargetUser,
    wishes: OptionsWishes = {},
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { http } = this.#verb(this.#setting.adapter.register, 'register');
    this.#user = user;
    return asCreationOptions(await this.#options(http, { user, wishes }));
  }

  async submitRegistration(response: RegistrationResponseJSON): Promise<SubmitOutcome> {
    const { http } = this.#verb(this.#setting.adapter.register, 'register');
    return submit(http.submit, http, this.#context({ user: this.#user, credential: response }));
  }

  async signInMethods(user: TargetUser): Promise<SignInMethods> {
    const { http } = this.#verb(this.#setting.adapter.signIn.methods, 'signIn.methods');
    const answer = await requireSteps(http.steps, this.#context({ user }));
    const toMethod = (word: unknown) => methodNamed(word, http.names);
    const preferred = toMethod(requireValue(http.preferred, answer));
    if (preferred === undefined) throw unexpectedAnswer(answer, 'expected a method that the adapter names');
    const listed = http.available === undefined ? undefined : requireValue(http.available, answer);
    const available = Array.isArray(listed)
      ? listed.map(toMethod).filter((method) => method !== undefined)
      : [];
    return { preferred, available: [...new Set([preferred, ...available])] };
  }

  async signInOptions(
    flow: SignInFlow,
    user?: TargetUser,
    wishes: OptionsWishes = {},
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { http } = this.#verb(this.#setting.adapter.signIn[flow], `signIn.${flow}`);
    if (flow === 'username' && user === undefined) {
      throw new KeyrigError('option-invalid', 'a sign-in with a username needs a user');
    }
    this.#user = flow === 'username' ? user : undefined;
    this.#flow = flow;
    return asRequestOptions(await this.#options(http, { user: this.#user, wishes }));
  }

  async submitSignIn(response: AuthenticationResponseJSON): Promise<SubmitOutcome> {
    const { username, usernameless } = this.#setting.adapter.signIn;
    const latest =
      this.#flow === undefined ? (username ?? usernameless) : this.#setting.adapter.signIn[this.#flow];
    const { http } = this.#verb(latest, 'signIn');
    return submit(http.submit, http, this.#context({ user: this.#user, credential: response }));
  }

  async whoami(): Promise<string | undefined> {
    const { http } = this.#verb(this.#setting.adapter.whoami, 'whoami');
    const { answer, unmet } = await runSteps(http.steps, this.#context({}), true);
    if (unmet !== undefined) throw unexpectedAnswer(answer, unmet);
    if (ruleHolds(http.anonymous, answer)) return undefined;
    const source = http.name ?? http.email;
    if (source === undefined) throw new KeyrigError('internal', 'whoami without a name passed the schema');
    // The oracle must not take an error page for "nobody".
    if (answer.status >= 300) throw unexpectedAnswer(answer, 'expected to be told who is signed in');
    if (source.json !== undefined && answer.json === undefined) throw notJson(answer);
    const name = takeValue(source, answer);
    if (name === undefined || name === null || name === '') return undefined;
    return http.name === undefined
      ? (this.#setting.usersByEmail.get(String(name))?.name ?? String(name))
      : String(name);
  }

  async credentials(): Promise<readonly ListedCredential[]> {
    return (await this.#listed()).map(({ credential }) => credential);
  }

  async deleteCredential(id: string): Promise<SubmitOutcome> {
    const { http } = this.#verb(this.#setting.adapter.credentials.delete, 'credentials.delete');
    const handle = await this.#handleOf(id);
    return submit(http.steps, http, this.#context({ credentialId: handle }));
  }

  async signOut(): Promise<void> {
    const { http } = this.#verb(this.#setting.adapter.signOut, 'signOut');
    await requireSteps(http.steps, this.#context({}));
  }

  snapshot(): SessionSnapshot {
    // Values keep their types: a snapshot holds them as JSON.
    const saved = [...this.#saved].map(([name, value]) => [name, JSON.stringify(value)] as const);
    return { cookies: this.#jar.snapshot(), saved: Object.fromEntries(saved) };
  }

  restore(snapshot: SessionSnapshot): void {
    this.#jar.restore(snapshot.cookies);
    this.#saved.clear();
    for (const [name, value] of Object.entries(snapshot.saved)) this.#saved.set(name, JSON.parse(value));
  }

  async #options(http: CeremonyHttp, here: StepValues): Promise<unknown> {
    const answer = await requireSteps(http.options, this.#context(here));
    return requireValue(http.extract, answer);
  }

  async #listed(): Promise<readonly { credential: ListedCredential; handle: string }[]> {
    const { http } = this.#verb(this.#setting.adapter.credentials.list, 'credentials.list');
    const answer = await requireSteps(http.steps, this.#context({}));
    const items = requireValue({ json: http.items }, answer);
    if (!Array.isArray(items)) throw unexpectedAnswer(answer, 'expected a list of passkeys');
    return items.map((item: unknown) => {
      const id = readJsonPath(item, http.id);
      if (typeof id !== 'string') throw unexpectedAnswer(answer, 'expected an id in every listed passkey');
      const name = http.name === undefined ? undefined : readJsonPath(item, http.name);
      const handle = http.handle === undefined ? id : readJsonPath(item, http.handle);
      return { credential: { id, ...(typeof name === 'string' ? { name } : {}) }, handle: String(handle) };
    });
  }

  /** What the relying party calls a passkey. One that isn't listed here keeps its id: it may be somebody else's. */
  async #handleOf(id: string): Promise<string> {
    if (this.#setting.adapter.credentials.list?.http.handle === undefined) return id;
    const listed = await this.#listed();
    return listed.find(({ credential }) => credential.id === id)?.handle ?? id;
  }

  #context(here: {
    user?: TargetUser | undefined;
    credential?: unknown;
    credentialId?: string;
  }): StepContext {
    const { client, scope, usersByEmail, secrets } = this.#setting;
    if (here.user !== undefined) {
      this.#secrets.add(here.user.password);
      usersByEmail.set(here.user.email, here.user);
    }
    return { client, sender: this.#sender(), scope: { ...scope, ...here }, saved: this.#saved, secrets };
  }

  #sender(): HttpSender {
    const jar = this.#jar;
    const secrets = () => {
      for (const secret of this.#setting.secrets.in(this.#saved)) this.#secrets.add(secret);
      return [...this.#secrets, ...jar.values().values()];
    };
    return { name: this.name, jar, secrets };
  }

  #verb<Verb>(verb: Verb | undefined, name: string): Verb {
    if (verb !== undefined) return verb;
    throw new KeyrigError('option-invalid', `the adapter "${this.#setting.adapter.name}" has no ${name}`, {
      hint: 'ask the target for its capabilities first',
    });
  }
}

function methodNamed(
  word: unknown,
  names: Readonly<Record<SignInMethod, readonly unknown[]>>,
): SignInMethod | undefined {
  if (names.passkey.includes(word)) return 'passkey';
  return names.password.includes(word) ? 'password' : undefined;
}
