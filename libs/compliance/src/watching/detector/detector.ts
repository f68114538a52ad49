import type { AlarmEvidence, AlarmSubject, WatchRule, WatchSettings } from '@castellan/contracts';
import { countIn, fullestWindow, seriesUpTo } from './sliding-counts.js';
import { type StoredMemory, SubjectMemories, type SubjectMemory } from './subject-memories.js';
import { deviationOf, learnt, thresholdAbove } from './usual-level.js';
import { type Rule, type SeenEvent, watchRules, type Weighed } from './watch-rules.js';

/** An alarm to be raised, with what shows that it is one. */
export interface Finding {
  readonly organizationId: string;
  readonly evidence: AlarmEvidence;
  /** Whose name and network the evidence holds. */
  readonly personId?: string;
  /** Rule and subject that share one alarm a window, and which window of theirs it is. */
  readonly key: string;
  readonly window: number;
}

/** What a detector knows, as JSON. */
export type DetectorState = Partial<Record<WatchRule, [string, StoredMemory][]>>;

export interface DetectorOptions {
  /** Subjects remembered under each rule. Default 10,000. */
  readonly subjects?: number;
}

const EVIDENCE_LEAVES = 20;
const RAISED = 8;
const LAST_MS = Date.UTC(9999, 0);

/**
 * Finds in the stream of leaves what its rules call unusual. The same leaves in the same order give the same findings. It
 * holds no clock: each event is judged by its own time, so a clock that runs back or ahead shifts its own events and no
 * others. Nothing that watching itself recorded is counted.
 */
export class Detector {
  readonly #memories: ReadonlyMap<WatchRule, SubjectMemories>;

  constructor(state: DetectorState = {}, { subjects = 10_000 }: DetectorOptions = {}) {
    this.#memories = new Map(
      watchRules.map(({ name }) => [name, new SubjectMemories(subjects, state[name])]),
    );
  }

  observe(seen: SeenEvent, settings: WatchSettings): Finding[] {
    const erased = erasedPerson(seen);
    if (erased !== undefined) for (const memories of this.#memories.values()) memories.forget(erased);
    if (seen.event.action.startsWith('alarm.')) return [];
    const clamped = { ...seen, timeMs: Math.min(Math.max(seen.timeMs, 0), LAST_MS) };
    return watchRules.flatMap((rule) => this.#judge(rule, clamped, settings) ?? []);
  }

  state(): DetectorState {
    return Object.fromEntries([...this.#memories].map(([name, memories]) => [name, memories.entries()]));
  }

  #judge(rule: Rule, seen: SeenEvent, settings: WatchSettings): Finding | undefined {
    const weighed = rule.weigh(seen, settings);
    if (weighed === undefined) return undefined;
    const { organizationId, timeMs, index } = seen;
    const key = `${organizationId} ${weighed.key}`;
    const memory = this.#memories.get(rule.name)?.of(key, timeMs);
    if (memory === undefined) return undefined;
    const weight = weightIn(memory, rule, weighed, timeMs);
    if (weight === 0) return undefined;
    const at = Math.floor(timeMs / (rule.windowMs / rule.parts));
    countIn(memory.parts, at, weight, rule.parts * 3);
    pushOnto(memory.leaves, [String(index), timeMs], EVIDENCE_LEAVES);
    const { sum: number, end } = fullestWindow(memory.parts, at, rule.parts);
    const floor = settings.thresholds[rule.name] ?? rule.threshold;
    if (rule.learns) learnWindow(memory, Math.floor(timeMs / rule.windowMs), weight, floor);
    const threshold = rule.learns ? thresholdAbove(memory.usual, floor) : floor;
    if (number < threshold) return undefined;
    if (!isFirst(memory, rule, weighed, timeMs) || settings.muted.includes(rule.name)) return undefined;
    return {
      organizationId,
      ...(weighed.personId === undefined ? {} : { personId: weighed.personId }),
      evidence: evidenceOf(rule, weighed.subject, memory, { end, number, threshold, timeMs }),
      key:
        weighed.word === undefined || rule.learns ? weighed.key : JSON.stringify([weighed.key, weighed.word]),
      window: Math.floor(timeMs / rule.windowMs),
    };
  }
}

/** Whom the event says to be erased: what is known of their networks goes too. */
export function erasedPerson({ event }: Pick<SeenEvent, 'event'>): string | undefined {
  const { action, resource } = event;
  return action === 'keys.destroyed' && resource?.kind === 'person' ? resource.id : undefined;
}

/** What the event counts for this subject; 0 for nothing. */
function weightIn(
  memory: SubjectMemory,
  rule: Rule,
  { weight, word, whole }: Weighed,
  timeMs: number,
): number {
  if (whole !== undefined) memory.whole = whole;
  if (rule.unit === 'percent') return memory.whole === 0 ? 0 : (100 * weight) / memory.whole;
  if (word === undefined) return weight;
  if (memory.words.has(word)) return 0;
  memory.words.add(word);
  const [oldest] = memory.words;
  if (memory.words.size > rule.words && oldest !== undefined) memory.words.delete(oldest);
  memory.settled ||= timeMs >= memory.firstMs + rule.firstDaysMs;
  return memory.settled ? weight : 0;
}

/**
 * Counts the aligned window; when another begins, the one before becomes part of what is usual. One that was an alarm
 * teaches no more than the threshold it passed: a new level has to be reached in steps, each of which is an alarm.
 */
function learnWindow(memory: SubjectMemory, window: number, weight: number, floor: number): void {
  if (memory.window !== window) {
    const most = thresholdAbove(memory.usual, floor);
    if (memory.total > 0) memory.usual = learnt(memory.usual, Math.min(memory.total, most));
    Object.assign(memory, { window, total: 0 });
  }
  memory.total += weight;
}

/** Whether no alarm was raised less than a window away. A new word is an alarm of its own. */
function isFirst(memory: SubjectMemory, rule: Rule, { word }: Weighed, timeMs: number): boolean {
  if (word !== undefined && !rule.learns) return true;
  if (memory.raised.some((raised) => Math.abs(raised - timeMs) < rule.windowMs)) return false;
  pushOnto(memory.raised, timeMs, RAISED);
  return true;
}

function evidenceOf(
  { name, unit, windowMs, parts, learns }: Rule,
  subject: AlarmSubject,
  { usual, parts: counted, leaves }: SubjectMemory,
  { end, number, threshold, timeMs }: { end: number; number: number; threshold: number; timeMs: number },
): AlarmEvidence {
  const seriesStepMs = windowMs / parts;
  const startMs = Math.max(0, (end - parts + 1) * seriesStepMs);
  const endMs = Math.floor(timeMs / seriesStepMs) === end ? timeMs : (end + 1) * seriesStepMs;
  const { windows, mean } = usual;
  return {
    rule: name,
    subject: readable(subject),
    number: rounded(number),
    threshold,
    unit,
    ...(learns && windows > 0
      ? { usual: { windows, mean: rounded(mean), deviation: rounded(deviationOf(usual)) } }
      : {}),
    windowStart: new Date(startMs).toISOString(),
    windowEnd: new Date(endMs).toISOString(),
    series: seriesUpTo(counted, end, parts * 2).map(rounded),
    seriesStepMs,
    leaves: leaves.filter(([, leafMs]) => leafMs >= startMs && leafMs <= endMs).map(([index]) => index),
  };
}

/** Keeps the last `most`. */
function pushOnto<T>(list: T[], item: T, most: number): void {
  list.push(item);
  if (list.length > most) list.shift();
}

function rounded(number: number): number {
  return Math.round(number * 1_000) / 1_000;
}

/** Words from the log without what could steer a terminal, turn text round or break JSON's strings. */
function readable(subject: AlarmSubject): AlarmSubject {
  const { kind, id, name, about } = subject;
  return {
    kind,
    id: readableText(id),
    ...(name === undefined ? {} : { name: readableText(name) }),
    ...(about === undefined ? {} : { about: readableText(about) }),
  };
}

function readableText(text: string): string {
  return text
    .slice(0, 200)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
