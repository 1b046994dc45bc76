import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseYaml } from '../data/located-yaml.js';
import { checkSchema, formatPath } from '../data/schema-problems.js';
import { KeyrigError } from '../errors.js';
import { platformProfileSchema } from './profile.js';

const FOLDER = new URL('../../profiles/platforms/', import.meta.url);
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const WINDOWS = readFileSync(new URL('win11-23h2.yaml', FOLDER), 'utf8');
const LINUX = readFileSync(new URL('chromium-linux.yaml', FOLDER), 'utf8');

describe('the platform profiles', () => {
  it.each(NAMES)('%s makes sense', (name) => {
    const text = readFileSync(new URL(name, FOLDER), 'utf8');
    const profile = parseYaml(platformProfileSchema, text, name, 'profile-invalid');
    expect(`${profile.id}.yaml`).toBe(name);
  });

  it('have a JSON Schema', () => {
    const schema = z.toJSONSchema(platformProfileSchema);
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(JSON.stringify(schema)).toContain('"linked-phone"');
  });
});

/** The problems of a good profile in which one piece of text is replaced. */
function problemsAfter(profile: string, before: string, after: string): readonly string[] {
  expect(profile.split(before).length, `"${before}" stands there once`).toBe(2);
  const verdict = checkSchema(platformProfileSchema, parse(profile.replace(before, after)));
  if (verdict.ok) return [];
  return verdict.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

describe('a profile that makes no sense is refused with the path', () => {
  it.each([
    [
      'a choice leads to an unknown step',
      'label: Security key, to: WK }',
      'label: Security key, to: WW }',
      'steps[0].choices.items[2].to: there is no step "WW"',
    ],
    [
      'nobody knows how a rule is known',
      'R1: { confidence: H,',
      'R1: { confidence: Q,',
      'rules.R1.confidence: expected one of "H", "M", "L", "observed", got "Q"',
    ],
    [
      'a control leads to an unknown step',
      'label: OK, to: WK,',
      'label: OK, to: W9,',
      'steps[12].controls[0].to: there is no step "W9"',
    ],
    [
      'a decision leads to an unknown step',
      'chooser: W1',
      'chooser: W9',
      'entry.chooser: there is no step "W9"',
    ],
    ['a page leads to an unknown step', 'touch: WT', 'touch: W9', 'pages.touch: there is no step "W9"'],
    ['two steps share an id', '- id: WQ', '- id: WT', 'steps[8].id: "WT" is there already'],
    [
      'the preselected choice is not among the choices',
      'preselect: [linked-phone, phone]',
      'preselect: [platform]',
      'steps[0].choices.preselect[0]: "platform" is not among the choices',
    ],
    [
      'the default of an input is not allowed',
      'winApi: { default: 7,',
      'winApi: { default: 5,',
      'environment.winApi.default: 5 is not among the allowed values 6, 7, 8',
    ],
    [
      'a choice has no name',
      "kind: phone, label: 'iPhone, iPad, or Android device',",
      'kind: phone,',
      'steps[0].choices.items[1]: "phone" needs a label',
    ],
    [
      'nothing fills a placeholder',
      "body: 'Several accounts on this device can sign in to {rp}.'",
      "body: 'Several accounts can sign in to {site}.'",
      'steps[7].body: nothing fills {site}',
    ],
    [
      'a browser lacks what a text names',
      'generation: G3, app: chrome.exe,',
      'generation: G3,',
      'steps[1].body: {app} needs "app" in every browser',
    ],
    [
      'evidence names no known source',
      'D-key-only: { confidence: M, sources: [passkeys-dev] }',
      'D-key-only: { confidence: M, sources: [hearsay] }',
      'rules.D-key-only.sources[0]: there is no source "hearsay"',
    ],
    ['a rule is unknown', 'R6: { confidence: H', 'R66: { confidence: H', 'rules.R66: there is no such rule'],
    [
      'a rule that can fire has no evidence',
      'R6: { confidence: H',
      'R66: { confidence: H',
      'rules: "R6" is missing: on Windows, with all local matches in Windows Hello: the Windows dialog at once',
    ],
    [
      'a decision has no step',
      '  save-here: WS\n',
      '',
      `entry: "save-here" is missing: Windows' dialog: the offer to keep a new passkey on this machine`,
    ],
    ['nothing leads to a step', '  save-here: WS\n', '', 'steps[2].id: nothing leads to step "WS"'],
    [
      'a button submits a list that is not there',
      '- { label: Use another device, to: others, when: other-devices }\n      - { label: Cancel, to: cancel }\n    evidence: { confidence: M',
      '- { label: Use another device, to: submit }\n    evidence: { confidence: M',
      'steps[1].controls[0].to: "submit" needs choices in its step',
    ],
    [
      'no variant of a target may apply',
      'no-credentials: [{ when: key-in-use, to: ERR }, { to: WF }]',
      'no-credentials: [{ when: key-in-use, to: ERR }]',
      'pages.no-credentials[0].when: the last variant must have no condition',
    ],
    [
      'no variant of a text may apply',
      '- { text: Enter your security key PIN. }',
      '- { when: create, text: Enter your security key PIN. }',
      'steps[4].body[2].when: the last variant must have no condition',
    ],
    [
      'a kind is listed twice',
      "kind: phone, label: 'iPhone, iPad, or Android device',",
      "kind: security-key, label: 'iPhone, iPad, or Android device',",
      'steps[0].choices.items[2].kind: "security-key" is there already',
    ],
    [
      'two controls are default',
      '- { label: Next, to: submit, default: true }\n      - { label: Cancel, to: cancel }',
      '- { label: Next, to: submit, default: true }\n      - { label: Cancel, to: cancel, default: true }',
      'steps[0].controls[1].default: there is a default already',
    ],
  ])('when %s', (_why, before, after, problem) => {
    expect(problemsAfter(WINDOWS, before, after)).toContain(problem);
  });

  it.each(['G1', 'G2'])('when a browser is of generation %s, which has no rules', (generation) => {
    expect(
      problemsAfter(
        LINUX,
        '{ id: chromium, name: Chromium, generation: G3 }',
        `{ id: chromium, name: Chromium, generation: ${generation} }`,
      ),
    ).toEqual([
      `browsers[0].generation: there are no rules for generation ${generation}: only G3 (Chromium of 2025 and later) can be run`,
    ]);
  });

  it('when evidence names no known observation', () => {
    expect(
      problemsAfter(
        LINUX,
        'R7/qr: { confidence: observed, observations: [',
        'R7/qr: { confidence: observed, observations: [dream, ',
      ),
    ).toEqual(['rules["R7/qr"].observations[0]: there is no observation "dream"']);
  });

  it('when an observation shows an unknown step', () => {
    expect(problemsAfter(LINUX, 'shows: { step: LM,', 'shows: { step: L9,')).toEqual([
      'observations[0].rows[2].shows.step: there is no step "L9"',
    ]);
  });

  it('and the loader says the line', () => {
    const broken = WINDOWS.replace('chooser: W1', 'chooser: W9');
    const at = broken.split('\n').findIndex((line) => line.includes('chooser: W9')) + 1;
    try {
      parseYaml(platformProfileSchema, broken, 'win11-23h2.yaml', 'profile-invalid');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(KeyrigError);
      expect(error).toMatchObject({ code: 'profile-invalid', where: `win11-23h2.yaml:${at}:12` });
    }
  });
});
