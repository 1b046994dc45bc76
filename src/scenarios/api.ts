/**
 * What people write scenarios with: what `import … from 'keyrig'` gives in a scenario file.
 */
export { KeyrigError } from '../errors.js';
export { type Comparable, type PromptPolicy, ScenarioContext } from './context.js';
export {
  expectBackup,
  expectNewCredential,
  expectUser,
  FLAG_NAMES,
  type FlagName,
  observeFlags,
} from './flags.js';
export {
  ANY_SIGN_IN,
  anyFlow,
  DEFAULT_PIN,
  directPerson,
  openAccount,
  type PersonPlan,
  type RegisteredPasskey,
  type RegisterRequest,
  registerPasskey,
  type SignInAttempt,
  type SignInRequest,
  setUpPin,
  signInWithPasskey,
  signInWithPassword,
  startSignIn,
  tryPasskey,
} from './flows.js';
export {
  type DeviceNeed,
  defineScenario,
  type Scenario,
  type ScenarioNeeds,
  type ScenarioVariant,
} from './scenario.js';
export { askRegistrationOptions, askSignInOptions } from './wishes.js';
