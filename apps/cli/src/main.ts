#!/usr/bin/env node
import { runOnBundledNode } from './bundled-node.js';

/** The release that the rest is written for; it comes inside the npm package `node`, whatever the machine has. */
const REQUIRED_NODE = 24;

if (Number.parseInt(process.versions.node, 10) < REQUIRED_NODE) await runOnBundledNode(process.argv.slice(1));
else {
  if (process.argv[2] === 'up') (await import('./tight-memory.js')).tightenMemory(process.argv);
  await import('./start.js');
}
