import { tooLarge } from './problem.mjs';

const BLOCK = 4_194_304;

/** Stores many texts in little memory: as UTF-8 in blocks outside the heap, up to `most` bytes. */
export class Texts {
  #blocks = [];
  #free = 0;
  #most;
  #used = 0;
  /** For each text the block in which it is, and where it begins and ends. */
  #places = new Uint32Array(3 * 1024);
  #count = 0;

  constructor(most) {
    this.#most = most;
  }

  push(text) {
    const length = Buffer.byteLength(text);
    if (length > this.#free || this.#blocks.length === 0) {
      this.#blocks.push(Buffer.allocUnsafeSlow(Math.max(length, BLOCK)));
      this.#free = this.#blocks.at(-1).length;
    }
    const block = this.#blocks.at(-1);
    const start = block.length - this.#free;
    const end = start + block.write(text, start);
    this.#free -= length;
    // Empty texts cost something too: their position.
    this.#used += length + 12;
    if (this.#used > this.#most) throw tooLarge();
    if (this.#count * 3 === this.#places.length) {
      const larger = new Uint32Array(this.#places.length * 2);
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places.set([this.#blocks.length - 1, start, end], this.#count * 3);
    this.#count++;
  }

  at(index) {
    if (!(index >= 0 && index < this.#count)) return undefined;
    const [block, start, end] = this.#places.subarray(index * 3, index * 3 + 3);
    return this.#blocks[block].toString('utf8', start, end);
  }
}
