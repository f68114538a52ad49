import { bracketRoot } from '../numerics/bisect.js';

/** One run of a mechanism on each of two neighbouring inputs; the outcome as an integer. */
export interface NeighbouringRuns {
  readonly here: () => number;
  readonly there: () => number;
}

export interface PrivacyClaim {
  readonly epsilon: number;
  readonly delta: number;
}

export interface AuditResult {
  /** With this delta, and but for chance below 1 in 10⁸, the mechanism's epsilon is at least so much. */
  readonly epsilonAtLeast: number;
  /** Whether that is more than was claimed. Not refuted is not proved. */
  readonly refuted: boolean;
}

/** Chance that a bound on one probability fails; four of them are used. */
const CHANCE = 1e-9;

type Tally = ReadonlyMap<number, number>;

function tally(run: () => number, draws: number): Tally {
  const seen = new Map<number, number>();
  for (let count = 0; count < draws; count++) {
    const outcome = run();
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  return seen;
}

function divergence(observed: number, probability: number): number {
  const term = (a: number, b: number) => (a === 0 ? 0 : a * Math.log(a / b));
  return term(observed, probability) + term(1 - observed, 1 - probability);
}

/** A bound that the probability is above, from `seen` of `draws`. Chernoff, in Kullback and Leibler's form: no approximation. */
export function probabilityAtLeast(seen: number, draws: number): number {
  if (seen === 0) return 0;
  const observed = seen / draws;
  const plausible = (probability: number) => -Math.log(CHANCE) - draws * divergence(observed, probability);
  return bracketRoot(plausible, 0, observed).below;
}

export function probabilityAtMost(seen: number, draws: number): number {
  return 1 - probabilityAtLeast(draws - seen, draws);
}

const inside = (outcomes: ReadonlySet<number>, seen: Tally) =>
  [...outcomes].reduce((sum, outcome) => sum + (seen.get(outcome) ?? 0), 0);

function epsilonBound(likely: number, unlikely: number, draws: number, delta: number): number {
  const gain = probabilityAtLeast(likely, draws) - delta;
  return gain > 0 ? Math.log(gain / probabilityAtMost(unlikely, draws)) : 0;
}

/** Of the sets {outcomes likelier than some ratio}, the one that tells the two inputs apart best. */
function bestEvent(likely: Tally, unlikely: Tally, draws: number, delta: number): ReadonlySet<number> {
  const ratio = (outcome: number) => ((likely.get(outcome) ?? 0) + 1) / ((unlikely.get(outcome) ?? 0) + 1);
  const ordered = [...new Set([...likely.keys(), ...unlikely.keys()])].toSorted(
    (a, b) => ratio(b) - ratio(a),
  );
  let best = { size: 0, bound: -Infinity };
  let [here, there] = [0, 0];
  ordered.forEach((outcome, at) => {
    here += likely.get(outcome) ?? 0;
    there += unlikely.get(outcome) ?? 0;
    const bound = epsilonBound(here, there, draws, delta);
    if (bound > best.bound) best = { size: at + 1, bound };
  });
  return new Set(ordered.slice(0, best.size));
}

/**
 * Looks for an event that (ε, δ) forbids: P[here ∈ S] > e^ε · P[there ∈ S] + δ, in both directions. The event is chosen on
 * one half of the draws and judged on the other, so choosing does not flatter it.
 *
 * Source: Ding et al., arXiv 1805.10559; Jagielski, Ullman, Oprea, arXiv 2006.07709.
 * Does not find what needs rarer events than `draws` shows: a low bit, a tail, time.
 */
export function auditPrivacy(
  { here, there }: NeighbouringRuns,
  { epsilon, delta }: PrivacyClaim,
  draws: number,
): AuditResult {
  const [chosenHere, chosenThere] = [tally(here, draws), tally(there, draws)];
  const [judgedHere, judgedThere] = [tally(here, draws), tally(there, draws)];
  const bound = (chosen: readonly [Tally, Tally], judged: readonly [Tally, Tally]) => {
    const event = bestEvent(chosen[0], chosen[1], draws, delta);
    return epsilonBound(inside(event, judged[0]), inside(event, judged[1]), draws, delta);
  };
  const epsilonAtLeast = Math.max(
    0,
    bound([chosenHere, chosenThere], [judgedHere, judgedThere]),
    bound([chosenThere, chosenHere], [judgedThere, judgedHere]),
  );
  return { epsilonAtLeast, refuted: epsilonAtLeast > epsilon };
}
