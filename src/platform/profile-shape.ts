/** The shape of a platform profile, without its cross-references. */
import { z } from 'zod';
import { OUTCOMES, type Outcome } from './decision/outcomes.js';
import { ASKS, CHOICE_KINDS, CONDITIONS, type ConditionWord, PAGES } from './vocabulary.js';

/** The keys of a table as zod wants them. */
function wordsOf<Word extends string>(table: Readonly<Record<Word, string>>): [Word, ...Word[]] {
  return Object.keys(table) as [Word, ...Word[]];
}

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const stepId = z.string().regex(/^[A-Z][A-Z0-9]{0,5}$/);
const line = z.string().min(1);

const negations = wordsOf(CONDITIONS).map((word): `not ${ConditionWord}` => `not ${word}`);
const condition = z.enum([...wordsOf(CONDITIONS), ...negations]);
/** All of them must hold. */
const when = z.union([condition, z.array(condition).min(1)]);

/** One text, or variants of which the first that applies counts. */
const text = z.union([line, z.array(z.strictObject({ when: when.optional(), text: line })).min(1)]);

function target<Place extends z.ZodType>(place: Place) {
  return z.union([place, z.array(z.strictObject({ when: when.optional(), to: place })).min(1)]);
}

const stepTarget = target(stepId);
const choiceTarget = target(z.union([stepId, z.enum(['others', 'device'])]));
const controlTarget = target(z.union([stepId, z.enum(['submit', 'confirm', 'cancel', 'others', 'device'])]));

/**
 * How we know. H: read in product source, a unit test or official documentation. M: an independent tool, screenshots or one good report.
 * L: inferred. `observed`: seen in a running browser, with the record of it.
 */
const evidence = z.discriminatedUnion('confidence', [
  z.strictObject({ confidence: z.enum(['H', 'M']), sources: z.array(slug).min(1), note: line.optional() }),
  z.strictObject({ confidence: z.literal('L'), sources: z.array(slug).optional(), note: line }),
  z.strictObject({
    confidence: z.literal('observed'),
    observations: z.array(slug).min(1),
    sources: z.array(slug).optional(),
    note: line.optional(),
  }),
]);

const choices = z.strictObject({
  /** What the list is headed with. */
  label: line.optional(),
  /** `mechanisms`: in the order that the browser's rules gave; otherwise as written. */
  order: z.enum(['as-written', 'mechanisms']),
  items: z
    .array(
      z.strictObject({
        kind: z.enum(wordsOf(CHOICE_KINDS)),
        /** Left out where the row is named after what it stands for: a phone, a credential, an account. */
        label: text.optional(),
        to: choiceTarget,
      }),
    )
    .min(1),
  /** The first kind that is present is selected when the step appears. */
  preselect: z
    .array(z.enum(wordsOf(CHOICE_KINDS)))
    .min(1)
    .optional(),
});

const step = z.strictObject({
  id: stepId,
  title: text,
  body: text.optional(),
  /** Plugging in or touching a key does nothing while this is on screen, even where keys listen in the background. */
  ignoresKeys: z.literal(true).optional(),
  /** The kind of device that the step is about. */
  leads: z.enum(['security-key', 'phone', 'platform']).optional(),
  asks: z.array(z.strictObject({ for: z.enum(wordsOf(ASKS)), when: when.optional() })).optional(),
  choices: choices.optional(),
  controls: z.array(
    z.strictObject({
      label: line,
      to: controlTarget,
      default: z.literal(true).optional(),
      when: when.optional(),
    }),
  ),
  evidence,
});

/** The values that an environment may have here, and the one it has when nothing is said. */
function input<Value extends z.ZodType>(value: Value) {
  return z.strictObject({ default: value, allowed: z.array(value).min(1) });
}

const bluetooth = z.enum(['absent', 'off', 'denied', 'on']);
const winApi = z.int().min(1).max(99).nullable();
const winHello = z.enum(['ready', 'not-set-up']);
const hintsOrder = z.enum(['spec', 'chromium-set']);
const dialogHints = z.enum(['honoured', 'ignored']);
const passwordManager = z.enum(['off', 'enabled']);

const environment = z.strictObject({
  bluetooth: input(bluetooth),
  winApi: input(winApi),
  winHello: input(winHello),
  hintsOrder: input(hintsOrder),
  dialogHints: input(dialogHints),
  passwordManager: input(passwordManager),
  linkedPhones: z.strictObject({ default: z.array(line), most: z.int().min(0) }),
});

/** One situation in a running browser, and what came up. */
const observedRow = z.strictObject({
  id: slug,
  environment: z.strictObject({ bluetooth: bluetooth.optional() }),
  request: z.strictObject({
    operation: z.enum(['create', 'get']),
    /** Transports of each descriptor; an empty list stands for a descriptor without transports. */
    allow: z.array(z.array(line)).optional(),
    hints: z.array(z.enum(['security-key', 'client-device', 'hybrid'])).optional(),
    attachment: z.enum(['platform', 'cross-platform']).optional(),
    residentKey: z.enum(['required', 'preferred', 'discouraged']).optional(),
  }),
  shows: z.strictObject({
    step: stepId,
    asks: z.array(z.enum(wordsOf(ASKS))).optional(),
    choices: z.array(z.enum(wordsOf(CHOICE_KINDS))).optional(),
    selected: z.enum(wordsOf(CHOICE_KINDS)).optional(),
    controls: z.array(line).optional(),
  }),
  note: line.optional(),
});

/** What one look at one browser yielded. */
const observation = z.strictObject({
  browser: line,
  version: line,
  os: line,
  date: z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/),
  how: line,
  rows: z.array(observedRow).min(1),
});

const entries = wordsOf(OUTCOMES).filter(
  (outcome): outcome is Exclude<Outcome, 'windows'> => outcome !== 'windows',
);

/** Profiles as they are written. */
export const profileShape = z.strictObject({
  id: slug,
  title: line,
  summary: line,
  os: z.enum(['windows', 'linux', 'macos', 'chromeos']),
  /**
   * How a plugged-in key comes into play. `page`: only where its page is up. `background`: on every sheet until a device is chosen.
   */
  dispatch: z.enum(['page', 'background']),
  /** Whether the platform's own authenticator can list its credentials to the browser. */
  platformAuthenticator: z.enum(['none', 'enumerable', 'opaque']),
  /** Where local credentials are kept; left out where there are none. */
  localSource: z.enum(['windows-hello', 'password-manager', 'chromeos', 'other']).optional(),
  browsers: z
    .array(
      z.strictObject({
        id: slug,
        name: line,
        /** How its rules work: G1 until about M118, G2 until about M13x, G3 since 2025. */
        generation: z.enum(['G1', 'G2', 'G3']),
        app: line.optional(),
        publisher: line.optional(),
      }),
    )
    .min(1),
  environment,
  sources: z.record(slug, line),
  observations: z.array(observation).optional(),
  /** Evidence by rule id, or for one outcome of a rule: `R3/qr`. */
  rules: z.record(z.string(), evidence),
  /** Which step a decision brings up. */
  entry: z.partialRecord(z.enum(entries), stepTarget),
  pages: z.record(z.enum(wordsOf(PAGES)), stepTarget),
  steps: z.array(step).min(1),
});

/** A profile of the right shape. */
export type PlatformProfile = z.infer<typeof profileShape>;
/** One screen of a platform. */
export type ProfileStep = PlatformProfile['steps'][number];
/** One browser on a platform. */
export type ProfileBrowser = PlatformProfile['browsers'][number];
/** One situation seen in a running browser. */
export type ObservedRow = z.infer<typeof observedRow>;
/** How a rule or a step is known. */
export type Evidence = z.infer<typeof evidence>;
/** A text or its variants. */
export type ProfileText = z.infer<typeof text>;
/** One condition. */
export type ProfileCondition = z.infer<typeof condition>;
/** Conditions that must all hold. */
export type ProfileWhen = z.infer<typeof when>;
/** Where a decision or a page leads. */
export type StepTarget = z.infer<typeof stepTarget>;
/** Where a choice leads. */
export type ChoiceTarget = z.infer<typeof choiceTarget>;
/** Where a control leads. */
export type ControlTarget = z.infer<typeof controlTarget>;
