import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

/**
 * Looks a path up once: those without parameters, which most requests have, are found again in a
 * map. Paths like `/templates/preview` beside `/templates/{id}` rule out hono's faster routers; the
 * one that is written out is nobody's id, whatever the method.
 */
export class LiteralRouter<T> implements Router<T> {
  readonly name = "LiteralRouter";
  readonly #trie = new TrieRouter<T>();
  /** Those of the trie that name no parameter. */
  readonly #nameless = new TrieRouter<T>();
  readonly #literals = new Set<string>();
  readonly #found = new Map<string, Result<T>>();

  add(method: string, path: string, handler: T): void {
    this.#trie.add(method, path, handler);
    if (!path.includes(":")) this.#nameless.add(method, path, handler);
    if (!/[:*{?]/.test(path)) this.#literals.add(path);
    this.#found.clear();
  }

  match(method: string, path: string): Result<T> {
    if (!this.#literals.has(path)) return this.#trie.match(method, path);
    const asked = `${method} ${path}`;
    const found = this.#found.get(asked) ?? this.#nameless.match(method, path);
    this.#found.set(asked, found);
    return found;
  }
}
