import { type ByteSource, Cursor } from './byte-source.js';

/** What a pickle would do if somebody loaded it. Nothing here loads it. */
export interface PickleContents {
  /** `module.name` of the imports; `?` where a name is computed in a way that this reading does not follow. */
  readonly imports: ReadonlySet<string>;
  /** Opcodes that call something: REDUCE, BUILD, INST, OBJ, NEWOBJ, NEWOBJ_EX, the EXT and PERSID families. */
  readonly calls: number;
  readonly opcodes: number;
  /** Whether the reading met STOP, and nothing that is not an opcode, before the bytes ended. */
  readonly complete: boolean;
}

type Argument =
  { readonly fixed: number } | { readonly counted: 1 | 4 | 8 } | { readonly lines: 1 | 2 } | undefined;

/** Every opcode of protocols 0 to 5 and how its argument is laid out. Source: CPython `Lib/pickletools.py`. */
const OPCODES = new Map<number, Argument>();
function define(codes: string | readonly number[], argument: Argument): void {
  const values = typeof codes === 'string' ? Array.from(codes, (code) => code.charCodeAt(0)) : codes;
  for (const code of values) OPCODES.set(code, argument);
}
define('(.012NQRabdelost]u})', undefined);
define([0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x98], undefined);
define('ILFSVPgp', { lines: 1 });
define('ci', { lines: 2 });
define([0x4b, 0x68, 0x71, 0x80, 0x82], { fixed: 1 });
define([0x4d, 0x83], { fixed: 2 });
define([0x4a, 0x6a, 0x72, 0x84], { fixed: 4 });
define([0x47, 0x95], { fixed: 8 });
define([0x55, 0x43, 0x8c, 0x8a], { counted: 1 });
define([0x54, 0x42, 0x58, 0x8b], { counted: 4 });
define([0x8d, 0x8e, 0x96], { counted: 8 });

/** Of an argument that carries a name, or data. */
const LOOKED_AT_BYTES = 512;
/** Names that are remembered of one pickle: imports, and strings that may become one. */
const MOST_NAMES = 250_000;
const NOTHING = new Uint8Array();

const STOP = 0x2e;
const GLOBAL = 0x63;
const INST = 0x69;
const STACK_GLOBAL = 0x93;
const MEMOIZE = 0x94;
const PUTS = new Set([0x70, 0x71, 0x72]);
const GETS = new Set([0x67, 0x68, 0x6a]);
const STRINGS = new Set([0x53, 0x56, 0x55, 0x54, 0x8c, 0x58, 0x8d]);
const CALLS = new Set([0x52, 0x62, 0x69, 0x6f, 0x81, 0x92, 0x82, 0x83, 0x84, 0x50, 0x51]);

/** Fewer opcodes than this and any short text would pass for a pickle of protocol 0. */
const PLAUSIBLE_OPCODES = 3;

/**
 * Reads one pickle's opcodes from where the cursor stands in the source, and passes over what they carry. The cursor then stands
 * behind its STOP, or where the reading came to. Never throws for what the bytes are.
 */
export function readPickle(source: ByteSource, cursor: Cursor): PickleContents {
  const reading = new PickleReading(source, cursor);
  while (reading.step()) continue;
  return reading.contents();
}

/**
 * Whether the whole of the source is one or more pickles, whatever protocol; or the first, read as a pickle, imports something
 * by a plausible name and calls it before it ends or breaks.
 */
export function readsAsPickle(source: ByteSource): boolean {
  const cursor = new Cursor(source);
  let opcodes = 0;
  while (cursor.remaining > 0) {
    const first = cursor.offset === 0;
    const pickle = readPickle(source, cursor);
    if (first && acts(pickle)) return true;
    if (!pickle.complete) return false;
    opcodes += pickle.opcodes;
  }
  return opcodes >= PLAUSIBLE_OPCODES;
}

function acts({ imports, calls }: PickleContents): boolean {
  return calls > 0 && [...imports].some((name) => /^[\w.]+$/.test(name));
}

class PickleReading {
  readonly #source: ByteSource;
  readonly #cursor: Cursor;
  readonly #imports = new Set<string>();
  /** The last strings pushed, newest last: STACK_GLOBAL takes its two names from the top of the stack. */
  #strings: string[] = [];
  readonly #memo = new Map<number, string>();
  #memoised = 0;
  #calls = 0;
  #opcodes = 0;
  #complete = false;

  constructor(source: ByteSource, cursor: Cursor) {
    this.#source = source;
    this.#cursor = cursor;
  }

  contents(): PickleContents {
    return {
      imports: this.#imports,
      calls: this.#calls,
      opcodes: this.#opcodes,
      complete: this.#complete,
    };
  }

  /** Reads one opcode; false at STOP, at the end and at what is no opcode. */
  step(): boolean {
    const opcode = this.#cursor.byte();
    if (opcode === undefined || !OPCODES.has(opcode)) return false;
    const argument = this.#argument(OPCODES.get(opcode));
    if (argument === undefined) return false;
    this.#opcodes += 1;
    if (opcode === STOP) this.#complete = true;
    else this.#follow(opcode, argument);
    return opcode !== STOP;
  }

  /** The beginning of it, as much as is ever looked at; undefined where the source ends first. */
  #argument(layout: Argument): Uint8Array | undefined {
    if (layout === undefined) return NOTHING;
    if ('fixed' in layout) return this.#cursor.take(layout.fixed);
    if ('lines' in layout) return this.#takeLines(layout.lines);
    const count = this.#count(layout.counted);
    return count === undefined ? undefined : this.#cursor.take(count, LOOKED_AT_BYTES);
  }

  #count(width: 1 | 4 | 8): number | undefined {
    const bytes = this.#cursor.take(width);
    return bytes?.reduceRight((value, byte) => value * 256 + byte, 0);
  }

  #takeLines(lines: number): Uint8Array | undefined {
    const start = this.#cursor.offset;
    for (let line = 0; line < lines; line += 1) if (!this.#cursor.passLine()) return undefined;
    return this.#source.read(start, Math.min(LOOKED_AT_BYTES, this.#cursor.offset - 1 - start));
  }

  #follow(opcode: number, argument: Uint8Array): void {
    if (CALLS.has(opcode)) this.#calls += 1;
    if (opcode === GLOBAL || opcode === INST) this.#import(latin1(argument).split('\n'));
    else if (opcode === STACK_GLOBAL) this.#import(this.#strings.slice(-2));
    else if (STRINGS.has(opcode)) this.#strings = [...this.#strings.slice(-1), latin1(argument)];
    else if (GETS.has(opcode)) this.#recall(index(opcode, argument));
    else if (PUTS.has(opcode)) this.#remember(index(opcode, argument));
    else if (opcode === MEMOIZE) this.#remember(this.#memoised);
  }

  #import(names: readonly string[]): void {
    const [module = '?', name = '?'] = names;
    if (this.#imports.size < MOST_NAMES) this.#imports.add(`${module}.${name}`);
  }

  /** After more strings than are remembered any name may be meant: then it counts as one that could be imported. */
  #forgotten(): string {
    return this.#memo.size < MOST_NAMES ? '?' : 'one_of_very_many';
  }

  #remember(at: number): void {
    this.#memoised += 1;
    const top = this.#strings.at(-1);
    if (top === undefined) return;
    if (this.#memo.size < MOST_NAMES || this.#memo.has(at)) this.#memo.set(at, top);
  }

  #recall(at: number): void {
    this.#strings = [...this.#strings.slice(-1), this.#memo.get(at) ?? this.#forgotten()];
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, LOOKED_AT_BYTES)).toString(
    'latin1',
  );
}

/** GET and PUT write their index as text, the others as little-endian bytes. */
function index(opcode: number, argument: Uint8Array): number {
  if (opcode === 0x67 || opcode === 0x70) return Number.parseInt(latin1(argument), 10);
  return argument.reduceRight((value, byte) => value * 256 + byte, 0);
}
