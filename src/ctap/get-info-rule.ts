/**
 * What a rule over getInfo is made of; the rules are in `get-info-member-rules.ts` and `get-info-linter.ts`.
 */
import type { GetInfoResponse } from './messages/get-info.js';

/** One rule. */
export interface InfoRule {
  /** Stable, for reports: `aaguid-length`. */
  readonly id: string;
  /** Where it is written. */
  readonly clause: string;
  /** `should` where a reason may exist that getInfo can't show. */
  readonly level: 'must' | 'should';
  /** What has to hold, as a sentence. */
  readonly message: string;
  readonly holds: (info: InfoView) => boolean;
}

/** A rule that does not hold. */
export type InfoFinding = Omit<InfoRule, 'holds'>;

/** getInfo with questions that rules ask. */
export interface InfoView extends GetInfoResponse {
  /** `undefined`, false and true mean three different things. */
  readonly option: (name: string) => boolean | undefined;
  readonly has: (extension: string) => boolean;
  /** Claims CTAP 2.1 or later, whose mandatory features (§9) come with it. */
  readonly modern: boolean;
  /** Some way of user verification is supported, set up or not. */
  readonly verifies: boolean;
}

/** A rule, `must` unless it says otherwise. */
export const rule = (
  id: string,
  clause: string,
  message: string,
  holds: InfoRule['holds'],
  level: InfoRule['level'] = 'must',
): InfoRule => ({ id, clause, level, message, holds });

/** Whether no entry is there twice. */
export const unique = (list: readonly unknown[] = []) => new Set(list).size === list.length;
/** Material implication: a false premise demands nothing. */
export const implies = (premise: boolean, conclusion: boolean) => !premise || conclusion;

/** The member table. */
export const INFO = 'CTAP 2.1 §6.4';
/** Mandatory features and what comes with what. */
export const FEATURES = 'CTAP 2.1 §9';
