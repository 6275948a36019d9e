export interface WordMatch {
  /** Its place in the list. */
  readonly word: number;
  readonly start: number;
  readonly end: number;
}

const NONE = -1;

/**
 * Finds every occurrence of every word in one pass (Aho–Corasick): as fast with ten thousand words
 * as with ten.
 */
export class WordMatcher {
  /** Node and UTF-16 unit, as one number, to the node behind it. */
  readonly #next = new Map<number, number>();
  /** The longest other beginning of a word that ends where the node does. */
  readonly #fallback = [0];
  readonly #wordAt = [NONE];
  /** The nearest node down the fallbacks at which a word ends. */
  readonly #shorter = [NONE];
  readonly #lengths: readonly number[];

  constructor(words: readonly string[]) {
    this.#lengths = words.map((word) => word.length);
    const layers: { node: number; parent: number; unit: number }[][] = [];
    for (const [index, word] of words.entries()) {
      let node = 0;
      for (let depth = 0; depth < word.length; depth++) {
        const unit = word.charCodeAt(depth);
        let child = this.#step(node, unit);
        if (child === NONE) {
          child = this.#wordAt.push(NONE) - 1;
          this.#fallback.push(0);
          this.#shorter.push(NONE);
          this.#next.set(node * 0x10000 + unit, child);
          layers[depth] ??= [];
          layers[depth]?.push({ node: child, parent: node, unit });
        }
        node = child;
      }
      if (node !== 0) this.#wordAt[node] = index;
    }
    // Nearer nodes first: a fallback is always shorter than what falls back to it.
    for (const { node, parent, unit } of layers.flat()) {
      const fallback = parent === 0 ? 0 : this.#follow(this.#fallback[parent] ?? 0, unit);
      this.#fallback[node] = fallback;
      this.#shorter[node] =
        this.#wordAt[fallback] === NONE ? (this.#shorter[fallback] ?? NONE) : fallback;
    }
  }

  #step(node: number, unit: number): number {
    return this.#next.get(node * 0x10000 + unit) ?? NONE;
  }

  #follow(from: number, unit: number): number {
    let node = from;
    for (;;) {
      const next = this.#step(node, unit);
      if (next !== NONE) return next;
      if (node === 0) return 0;
      node = this.#fallback[node] ?? 0;
    }
  }

  find(text: string): WordMatch[] {
    const matches: WordMatch[] = [];
    let node = 0;
    for (let at = 0; at < text.length; at++) {
      node = this.#follow(node, text.charCodeAt(at));
      let found = this.#wordAt[node] === NONE ? (this.#shorter[node] ?? NONE) : node;
      while (found !== NONE) {
        const word = this.#wordAt[found] ?? NONE;
        matches.push({ word, start: at + 1 - (this.#lengths[word] ?? 0), end: at + 1 });
        found = this.#shorter[found] ?? NONE;
      }
    }
    return matches;
  }
}
