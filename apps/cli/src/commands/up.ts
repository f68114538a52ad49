import { Command } from 'commander';
import type { Surroundings } from '../invocation.js';
export function upCommand(around: Surroundings): Command {
  return new Command('up');
}
