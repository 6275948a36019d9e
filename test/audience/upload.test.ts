import { env } from "cloudflare:workers";
import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { dropUpload, keepUpload, PART_BYTES, readPart } from "../../src/audience/upload.ts";
import { depsOf } from "../../src/deps.ts";

const deps = { bucket: env.IMPORTS, keys: depsOf(env).keys };
let names = 0;
const aName = () => `job_upload_${names++}`;
const keep = (name: string, ...pieces: Uint8Array[]) => {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  return keepUpload(deps, name, stream);
};
const keysOf = async (name: string) =>
  (await env.IMPORTS.list({ prefix: `uploads/${name}/` })).objects.map((one) => one.key);

describe("an upload", () => {
  it("lies in sealed parts that read as what came", async () => {
    const name = aName();
    const file = Buffer.alloc(2 * PART_BYTES + 10, "+8613800138000\n");
    const pieces = [
      file.subarray(0, 7),
      file.subarray(7, PART_BYTES + 100),
      file.subarray(PART_BYTES + 100),
    ];
    const kept = await keep(name, ...pieces);
    expect(kept).toMatchObject({ ok: true, value: { parts: 3, bytes: file.length } });
    const parts = await Promise.all([0, 1, 2].map((part) => readPart(deps, name, part)));
    expect(Buffer.concat(parts).equals(file)).toBe(true);
    for (const key of await keysOf(name)) {
      const stored = Buffer.from((await (await env.IMPORTS.get(key))?.arrayBuffer()) ?? []);
      expect(stored.includes("13800138000")).toBe(false);
    }
  });

  it("has no part that can stand in another's place", async () => {
    const name = aName();
    await keep(name, Buffer.alloc(2 * PART_BYTES, "a"));
    const [first = "", second = ""] = await keysOf(name);
    await env.IMPORTS.put(second, (await (await env.IMPORTS.get(first))?.arrayBuffer()) ?? "");
    await expect(readPart(deps, name, 1)).rejects.toThrow();
  });

  it("looks like UTF-8 if all of it does, over the seams of its parts", async () => {
    const seam = Buffer.concat([Buffer.alloc(PART_BYTES - 1, "a"), Buffer.from("中")]);
    expect(await keep(aName(), seam)).toMatchObject({ value: { looksLike: "utf-8" } });
    const gbk = Buffer.concat([Buffer.alloc(PART_BYTES, "a"), Buffer.from([0xc0, 0xee])]);
    expect(await keep(aName(), gbk)).toMatchObject({ value: { looksLike: "other" } });
    const cutShort = Buffer.from("中").subarray(0, 2);
    expect(await keep(aName(), cutShort)).toMatchObject({ value: { looksLike: "other" } });
  });

  it("of nothing, or in UTF-16, is refused", async () => {
    expect(await keep(aName())).toEqual({ ok: false, error: "empty" });
    expect(await keep(aName(), new Uint8Array([0xff, 0xfe, 0x61, 0]))).toEqual({
      ok: false,
      error: "utf-16",
    });
  });

  it("is gone when it is dropped, and nothing else", async () => {
    const [name, other] = [aName(), aName()];
    await keep(name, Buffer.alloc(PART_BYTES + 1));
    await keep(other, Buffer.alloc(1));
    await dropUpload(deps, name);
    expect(await keysOf(name)).toEqual([]);
    expect(await keysOf(other)).toHaveLength(1);
  });
});
