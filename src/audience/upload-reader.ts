import type { FileKind } from "./read-file.ts";
import { cutRecords, type FileRecord, LF, LONGEST_RECORD } from "./records.ts";
import { PART_BYTES, readPart, type Upload, type UploadDeps } from "./upload.ts";

/** Reads a file from any place in it on; of its parts no more than two are in memory. */
export class UploadReader {
  readonly #deps: UploadDeps;
  readonly #name: string;
  readonly #upload: Pick<Upload, "parts" | "bytes">;
  /** The part that was read last, in clear. */
  #held: { readonly part: number; readonly bytes: Uint8Array } | null = null;

  constructor(deps: UploadDeps, name: string, upload: Pick<Upload, "parts" | "bytes">) {
    this.#deps = deps;
    this.#name = name;
    this.#upload = upload;
  }

  /** Up to `most` records, and where the next one begins. */
  async read(
    from: { readonly offset: number; readonly delimiter: FileKind["delimiter"] },
    most: number,
  ): Promise<{ readonly records: readonly FileRecord[]; readonly next: number }> {
    const { bytes } = this.#upload;
    const delimiter = from.delimiter?.charCodeAt(0) ?? null;
    const records: FileRecord[] = [];
    let at = from.offset;
    while (records.length < most && at < bytes) {
      const window = await this.#window(at);
      const isLast = at + window.length >= bytes;
      const cut = cutRecords(window, { delimiter, most: most - records.length, isLast });
      records.push(...cut.records);
      at = cut.isAmidLine ? await this.#nextLine(at + cut.next) : at + cut.next;
    }
    return { records, next: at };
  }

  /** Where the next line begins behind a place. */
  async #nextLine(from: number): Promise<number> {
    for (let part = Math.floor(from / PART_BYTES); part < this.#upload.parts; part++) {
      const start = part * PART_BYTES;
      const feed = (await this.#part(part)).indexOf(LF, Math.max(0, from - start));
      if (feed >= 0) return start + feed + 1;
    }
    return this.#upload.bytes;
  }

  /** What lies behind a place: at least one whole record, as far as there is one. */
  async #window(at: number): Promise<Uint8Array> {
    const part = Math.floor(at / PART_BYTES);
    const rest = (await this.#part(part)).subarray(at - part * PART_BYTES);
    if (rest.length >= LONGEST_RECORD || part + 1 >= this.#upload.parts) return rest;
    const more = (await this.#part(part + 1)).subarray(0, LONGEST_RECORD);
    const window = new Uint8Array(rest.length + more.length);
    window.set(rest);
    window.set(more, rest.length);
    return window;
  }

  async #part(part: number): Promise<Uint8Array> {
    if (this.#held?.part === part) return this.#held.bytes;
    const bytes = await readPart(this.#deps, this.#name, part);
    this.#held = { part, bytes };
    return bytes;
  }
}
