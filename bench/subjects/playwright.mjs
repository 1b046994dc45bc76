/**
 * The credentials engine inside of playwright-core, in-process: the half that stands behind `context.credentials` without the script
 * in the page and without the browser between them, which would only make it slower.
 */
import { join } from 'node:path';
import bundle from 'playwright-core/lib/coreBundle';
import { assertionRequest, repeat } from './assertions.mjs';
import { oneAccount } from './ceremonies.mjs';
import { registration } from './commands.mjs';
import { createKey, ORIGIN, RP_ID } from './key.mjs';
import { creationOptions, requestOptions } from './options.mjs';

const { BrowserContext, createPlaywright, nullProgress } = bundle.server;

/** The engine's door: what a page would call, as a function. A context without a browser is enough for it. */
async function engine() {
  const browser = createPlaywright({ sdkLanguage: 'javascript' });
  browser.options = { tracesDir: join(process.env.KEYRIG_BENCH_SCRATCH, 'playwright-traces') };
  browser.userAgent = () => '';
  browser.sdkLanguage = () => 'javascript';
  const context = new BrowserContext(browser, {}, 'bench');
  const nothing = { dispose: async () => {} };
  let door;
  context.exposeBinding = async (_progress, _name, binding) => {
    door = binding;
    return nothing;
  };
  context.addInitScript = async () => nothing;
  context.safeNonStallingEvaluateInAllFrames = async () => {};
  await context.credentials.install(nullProgress);
  return async (payload) => {
    const answer = await door({}, { origin: ORIGIN, ...payload });
    if (answer.ok !== true) throw new Error(`playwright-core: ${answer.name}: ${answer.message}`);
    return answer;
  };
}

/** The same create and get as ours, in the members that the script in the page would send. */
async function engines() {
  const call = await engine();
  const { authenticatorSelection, ...creation } = creationOptions(0);
  const create = { type: 'create', ...creation, ...authenticatorSelection };
  return async (times) => {
    for (let time = 0; time < times; time++) {
      const { id } = await call(create);
      await call({ type: 'get', ...requestOptions(id) });
    }
  };
}

export const pair = { ours: oneAccount.ours, theirs: engines };

/** Our key without a client, as the engine has none. */
export const keyAlone = {
  ours: () => {
    const key = createKey();
    const [create, get] = [registration(RP_ID, 'ada'), assertionRequest(undefined)].map((message) =>
      repeat(key, message),
    );
    return async (times) => {
      for (let time = 0; time < times; time++) {
        await create(1);
        await get(1);
      }
    };
  },
  theirs: engines,
};
