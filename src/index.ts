/**
 * keyrig as a library: what `import … from 'keyrig'` gives. Everything here is documented where it is defined.
 *
 * keyrig is a test tool: its keys are for tests, never for accounts that matter.
 */

// The authenticator, alone: CTAP messages in, CTAP messages out; what it is made from; and the shortest wire to it.
export {
  type Attester,
  compoundAttester,
  createAndroidKeyAttester,
  createAppleAttester,
  createBasicAttester,
  createEnterpriseAttester,
  createFidoU2fAttester,
  createTestRoot,
  createTpmAttester,
  deviceAttester,
  noneAttester,
  selfAttester,
} from './attestation/attestation.js';
export { type Authenticator, createAuthenticator } from './authenticator/authenticator.js';
export type { AuthenticatorConfig } from './authenticator/config.js';
export type { FaultControl } from './authenticator/faults/fault-board.js';
export type { CredentialStore, User } from './authenticator/ports.js';
export { type DurableStore, openDurableStore } from './authenticator/store/lmdb.js';
export { createMemoryStore } from './authenticator/store/memory.js';
export { createScriptedUser, type ScriptedUser } from './authenticator/user.js';
// The client: navigator.credentials over such devices.
export type { ClientDevice, UserInterface } from './client/ports.js';
export { createWebAuthnClient, type WebAuthnClient } from './client/webauthn-client.js';
// Suites.
export { relyingPartySuite } from './conformance/relying-party/suite.js';
export type { Crypto } from './crypto/crypto.js';
export { createNobleCrypto } from './crypto/noble.js';
export { createNodeCrypto } from './crypto/node.js';
export { createSeededRandom } from './crypto/seeded-random.js';
// Faults: what a device can be told to do wrong.
export { readDeviceFault } from './ctap/device-fault-input.js';
export { DEVICE_FAULTS, type DeviceFault, type DeviceFaultInput } from './ctap/device-faults.js';
// Failures, time and chance.
export { ERROR_CODES, type ErrorCode, formatError } from './errors.js';
export { type Clock, type Random, systemClock, systemRandom, VirtualClock } from './ports.js';
// Reports.
export { renderHtml } from './report/html.js';
export { renderJson, reportJsonSchema } from './report/json.js';
export { renderJunit } from './report/junit.js';
export type { Reporter } from './report/reporter.js';
// Rigs: one target, one platform and its devices, wired together.
export { availableDevice } from './rig/available-devices.js';
export {
  createRig,
  createRigFactory,
  type RigDevice,
  type RigFactoryOptions,
  type RigOptions,
} from './rig/make-rig.js';
export { listProfiles, loadDeviceProfile, loadPlatformProfile } from './rig/profiles.js';
export type { Browser, DeviceControl, PromptSummary, Rig, ScriptedPerson } from './rig/rig.js';
// Scenarios: writing them, planning and running them.
export * from './scenarios/api.js';
export type { AvailableDevice, MakeRig, Recorder } from './scenarios/engine-ports.js';
export { loadScenarios } from './scenarios/load.js';
export { type PlannedRun, type PlanSettings, plan, shardOf } from './scenarios/plan.js';
export { builtInScenarios, findScenario } from './scenarios/registry.js';
export {
  exitCodeOf,
  type Result,
  type RunReport,
  reportSchema,
  VERDICTS,
  type Verdict,
} from './scenarios/results.js';
export { type RunOptions, runPlan } from './scenarios/run.js';
// Relying parties.
export { DEMO_BREAKS, type DemoBreak } from './target/demo/breaks.js';
export { type Demo, type DemoOptions, startDemo } from './target/demo/demo.js';
export { type OpenTargetOptions, openTarget } from './target/open-target.js';
export type { Target, TargetSession, TargetUser } from './target/target.js';
// Traces.
export type { TraceEvent, TraceSink } from './trace/events.js';
export { createTimeline, type Timeline } from './trace/timeline.js';
export { createInProcessPort, type InProcessPort } from './transport/in-process.js';
export { WebAuthnError } from './webauthn/errors.js';
