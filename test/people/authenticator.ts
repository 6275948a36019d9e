import { Buffer } from "node:buffer";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

const PRESENT = 0x01;
const VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;

const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest();
const bytesOf = (text: string) =>
  Buffer.concat([
    Buffer.from([0x58, Buffer.from(text, "base64url").length]),
    Buffer.from(text, "base64url"),
  ]);
const cborText = (text: string) =>
  Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);

/** A security key as a browser drives it. */
export class Authenticator {
  readonly #id = Buffer.from(crypto.getRandomValues(new Uint8Array(16)));
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  #counter = 0;
  /** Whether it asks for a finger, a face or a PIN, or for a touch alone. */
  verifies = true;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#private = privateKey;
    this.#public = publicKey;
  }

  #data(domain: string, credential: Buffer | null): Buffer {
    const flags = PRESENT | (this.verifies ? VERIFIED : 0) | (credential ? HAS_CREDENTIAL : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(++this.#counter);
    return Buffer.concat([
      sha256(domain),
      Buffer.from([flags]),
      counter,
      credential ?? Buffer.of(),
    ]);
  }

  #client(type: string, challenge: string, origin: string) {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }

  #answer(response: Record<string, unknown>) {
    const id = this.#id.toString("base64url");
    return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
  }

  create({ challenge, rp }: { challenge: string; rp: { id: string } }, origin: string) {
    const { x = "", y = "" } = this.#public.export({ format: "jwk" });
    // COSE: an ES256 key on P-256.
    const key = Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
      bytesOf(x),
      Buffer.from([0x22]),
      bytesOf(y),
    ]);
    const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, 16]), this.#id, key]);
    const data = this.#data(rp.id, credential);
    const length = Buffer.from([0x59, data.length >> 8, data.length & 0xff]);
    const attestation = Buffer.concat([
      Buffer.from([0xa3]),
      cborText("fmt"),
      cborText("none"),
      cborText("attStmt"),
      Buffer.from([0xa0]),
      cborText("authData"),
      length,
      data,
    ]);
    return this.#answer({
      clientDataJSON: this.#client("webauthn.create", challenge, origin).toString("base64url"),
      attestationObject: attestation.toString("base64url"),
      transports: ["internal"],
    });
  }

  get({ challenge, rpId }: { challenge: string; rpId: string }, origin: string) {
    const client = this.#client("webauthn.get", challenge, origin);
    const data = this.#data(rpId, null);
    return this.#answer({
      clientDataJSON: client.toString("base64url"),
      authenticatorData: data.toString("base64url"),
      signature: sign("sha256", Buffer.concat([data, sha256(client)]), this.#private).toString(
        "base64url",
      ),
    });
  }
}
