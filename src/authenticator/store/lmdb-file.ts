/**
 * Looks at an LMDB file before LMDB does: whether it is one, and whole.
 *
 * LMDB maps its file into memory and follows what it finds there, so a damaged one can end the process. Here every page that the newest
 * snapshot reaches is held to what LMDB itself writes: its number, its kind, the bounds of its nodes, the order of its keys, and the totals of its
 * database. Nothing is written, nothing is locked, and one page per level is in memory.
 *
 * The layout is that of lmdb-js's LMDB 0.9.90, data version 2, on 64-bit little-endian machines (`mdb.c`: MDB_meta, MDB_page, MDB_node).
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { concat, sameBytes } from '../../data/bytes.js';

/** What was found. */
export type Finding =
  /** `busy`: another process writes so fast that no snapshot could be looked at, and so has looked itself. */
  { readonly kind: 'whole'; readonly busy?: true } | Refusal;

/** Why a file is to be left alone. */
export interface Refusal {
  readonly kind: 'foreign' | 'damaged' | 'newer';
  readonly why: string;
}

/**
 * What speaks against a record of the main database. They come in the order of their keys. `entry` is the key with the value right behind
 * it, and only good until the next one.
 */
export type Judge = (entry: Uint8Array, keyLength: number) => Refusal | undefined;

/** Where things are in a page, in bytes. */
const PAGE = { number: 0, flags: 18, lower: 20, upper: 22, overflowPages: 20, content: 24 } as const;
/** Where things are in a meta page. */
const META = { magic: 24, version: 28, databases: 48, lastPage: 144, transaction: 152, end: 168 } as const;
/** Where things are in the description of a database, of which a meta page has two. */
const DATABASE = {
  pageSize: 0,
  depth: 6,
  branchPages: 8,
  leafPages: 16,
  overflowPages: 24,
  entries: 32,
  root: 40,
  end: 48,
} as const;
/** Where things are in a node. */
const NODE = { low: 0, high: 2, flags: 4, keyLength: 6, key: 8 } as const;
/** Kinds of pages, among other bits. */
const KIND = { branch: 0x01, leaf: 0x02, overflow: 0x04, meta: 0x08 } as const;
const KINDS = 0x6f;
/** A node's data is on pages of its own. */
const BIG_DATA = 0x01;
/** Bytes of the reference to such pages. */
const REFERENCE = 24;

const MAGIC = 0xbeefc0de;
const VERSION = 2;
/** The root of an empty tree. */
const NOTHING = 0xffff_ffff_ffff_ffffn;
/** Levels that no tree of ours comes near. */
const DEEPEST = 32;
/** How often a file is looked at again that another process is writing meanwhile. */
const ATTEMPTS = 8;

/** Thrown inside of this file only. */
class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.why);
    this.refusal = refusal;
  }
}

function damage(why: string): Refused {
  return new Refused({ kind: 'damaged', why });
}

/** Inspects the file at `path`. @throws what the file system has against reading it */
export function inspectLmdbFile(path: string, judge: Judge): Finding {
  const file = openSync(path, 'r');
  try {
    for (let left = ATTEMPTS; ; left--) {
      const head = readHead(file);
      if (head.kind !== 'head') return head;
      const finding = inspectSnapshot(file, head, judge);
      if (finding.kind === 'whole') return finding;
      // Pages may have been written anew for a later snapshot while we read. Nobody does that in a file that stands still.
      const after = readHead(file);
      if (after.kind !== 'head') return after;
      if (sameBytes(after.bytes, head.bytes)) return finding;
      // Always a newer snapshot: somebody works with this store right now, and so it works.
      if (left <= 1) return { kind: 'whole', busy: true };
    }
  } finally {
    closeSync(file);
  }
}

/** Both meta pages and the newer one of them. */
interface Head {
  readonly kind: 'head';
  readonly bytes: Uint8Array;
  readonly pageSize: number;
  readonly meta: DataView;
}

function readHead(file: number): Head | Refusal {
  const first = new DataView(new ArrayBuffer(META.end));
  if (!fill(file, first, 0) || !isMeta(first)) return { kind: 'foreign', why: 'it is not an LMDB file' };
  const version = first.getUint32(META.version, true) & 0xffff;
  if (version !== VERSION) return { kind: 'foreign', why: `it is an LMDB file of data version ${version}` };
  const pageSize = first.getUint32(META.databases + DATABASE.pageSize, true);
  const second = new DataView(new ArrayBuffer(META.end));
  if (!isPageSize(pageSize) || !fill(file, second, pageSize) || !isMeta(second))
    return { kind: 'damaged', why: 'its head is broken' };
  const bytes = new Uint8Array(2 * META.end);
  bytes.set(new Uint8Array(first.buffer), 0);
  bytes.set(new Uint8Array(second.buffer), META.end);
  const newer = first.getBigUint64(META.transaction, true) > second.getBigUint64(META.transaction, true);
  return { kind: 'head', bytes, pageSize, meta: newer ? first : second };
}

function isMeta(page: DataView): boolean {
  const kind = page.getUint16(PAGE.flags, true) & KINDS;
  return kind === KIND.meta && page.getUint32(META.magic, true) === MAGIC;
}

function isPageSize(size: number): boolean {
  return size >= 512 && size <= 65_536 && (size & (size - 1)) === 0;
}

function fill(file: number, into: DataView, position: number): boolean {
  return readSync(file, into, 0, into.byteLength, position) === into.byteLength;
}

function inspectSnapshot(file: number, { meta, pageSize }: Head, judge: Judge): Finding {
  const pages = Math.floor(fstatSync(file).size / pageSize);
  const trees = [
    // The free pages are numbered by machine words, so that their order is not that of bytes.
    { meta, at: META.databases, judge: undefined },
    { meta, at: META.databases + DATABASE.end, judge },
  ];
  try {
    for (const about of trees) new Tree(file, pageSize, pages, about).walk();
    return { kind: 'whole' };
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

interface Description {
  readonly meta: DataView;
  readonly at: number;
  /** Only where keys are in the order of their bytes. */
  readonly judge: Judge | undefined;
}

/** One database of a snapshot. */
class Tree {
  readonly #file: number;
  readonly #pageSize: number;
  /** Pages that the file has. */
  readonly #pages: number;
  readonly #about: Description;
  readonly #levels: DataView[] = [];
  readonly #seen = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
  #last: Uint8Array | undefined;

  constructor(file: number, pageSize: number, pages: number, about: Description) {
    this.#file = file;
    this.#pageSize = pageSize;
    this.#pages = pages;
    this.#about = about;
  }

  /** Looks at every page. */
  walk(): void {
    const { meta, at } = this.#about;
    const root = meta.getBigUint64(at + DATABASE.root, true);
    const depth = meta.getUint16(at + DATABASE.depth, true);
    if (root !== NOTHING) {
      if (depth < 1 || depth > DEEPEST) throw damage('its tree has no possible depth');
      this.#page(this.#number(root), depth);
    }
    for (const name of ['branchPages', 'leafPages', 'overflowPages', 'entries'] as const) {
      if (meta.getBigUint64(at + DATABASE[name], true) !== BigInt(this.#seen[name]))
        throw damage('its tree is not what its head counts');
    }
  }

  #number(word: bigint): number {
    if (word >= 2n && word < BigInt(this.#pages)) return Number(word);
    throw damage(`page ${word} is not in the file`);
  }

  #page(number: number, levels: number): void {
    const page = this.#read(number, levels);
    const kind = page.getUint16(PAGE.flags, true) & KINDS;
    const isLeaf = levels === 1;
    if (kind !== (isLeaf ? KIND.leaf : KIND.branch)) throw damage(`page ${number} is of another kind`);
    this.#seen[isLeaf ? 'leafPages' : 'branchPages'] += 1;
    const lower = page.getUint16(PAGE.lower, true);
    const upper = page.getUint16(PAGE.upper, true);
    if (lower % 2 !== 0 || lower > upper || upper > this.#pageSize - PAGE.content)
      throw damage(`page ${number} has impossible bounds`);
    for (let index = 0; index < lower / 2; index++) {
      const node = PAGE.content + page.getUint16(PAGE.content + 2 * index, true);
      if (node < PAGE.content + upper || node + NODE.key > this.#pageSize)
        throw damage(`page ${number} has a node outside of it`);
      if (isLeaf) this.#leaf(page, node, number);
      else this.#branch(page, node, levels);
    }
  }

  #branch(page: DataView, node: number, levels: number): void {
    const low = BigInt(page.getUint32(node + NODE.low, true));
    const high = BigInt(page.getUint16(node + NODE.flags, true));
    this.#page(this.#number((high << 32n) | low), levels - 1);
  }

  #leaf(page: DataView, node: number, number: number): void {
    const isBig = (page.getUint16(node + NODE.flags, true) & BIG_DATA) !== 0;
    const length = page.getUint32(node + NODE.low, true);
    const from = node + NODE.key + page.getUint16(node + NODE.keyLength, true);
    if (from + (isBig ? REFERENCE : length) > this.#pageSize)
      throw damage(`page ${number} has a node that is longer than it`);
    const start = node + NODE.key;
    const keyLength = from - start;
    this.#seen.entries += 1;
    const entry = isBig
      ? concat(new Uint8Array(page.buffer, start, keyLength), this.#overflow(page, from, length))
      : new Uint8Array(page.buffer, start, keyLength + length);
    this.#judge(entry, keyLength, number);
  }

  #judge(entry: Uint8Array, keyLength: number, number: number): void {
    const { judge } = this.#about;
    if (judge === undefined) return;
    const key = entry.slice(0, keyLength);
    if (this.#last !== undefined && !isBefore(this.#last, key))
      throw damage(`page ${number} is out of order`);
    this.#last = key;
    const refusal = judge(entry, keyLength);
    if (refusal !== undefined) throw new Refused(refusal);
  }

  /** A value of several pages: only the first has a header. */
  #overflow(page: DataView, reference: number, length: number): Uint8Array {
    const number = this.#number(page.getBigUint64(reference, true));
    const pages = Math.floor((PAGE.content - 1 + length) / this.#pageSize) + 1;
    if (number + pages > this.#pages) throw damage(`page ${number} is cut off`);
    const value = new DataView(new ArrayBuffer(PAGE.content + length));
    fill(this.#file, value, number * this.#pageSize);
    const fits = isOverflow(value) && value.getUint32(PAGE.overflowPages, true) === pages;
    if (value.getBigUint64(PAGE.number, true) !== BigInt(number) || !fits)
      throw damage(`page ${number} is not the value that it should be`);
    this.#seen.overflowPages += pages;
    return new Uint8Array(value.buffer, PAGE.content);
  }

  #read(number: number, level: number): DataView {
    const page = this.#levels[level] ?? new DataView(new ArrayBuffer(this.#pageSize));
    this.#levels[level] = page;
    if (!fill(this.#file, page, number * this.#pageSize)) throw damage(`page ${number} is cut off`);
    if (page.getBigUint64(PAGE.number, true) !== BigInt(number))
      throw damage(`page ${number} has another number`);
    return page;
  }
}

function isOverflow(page: DataView): boolean {
  return (page.getUint16(PAGE.flags, true) & KINDS) === KIND.overflow;
}

/** The order of LMDB: bytes first, then length. */
function isBefore(one: Uint8Array, other: Uint8Array): boolean {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return one.length < other.length;
}
