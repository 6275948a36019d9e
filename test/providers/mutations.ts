/** Every value with one of its parts, however deep, put in place of another kind of value. */
export function* mutations(value: unknown): Generator<unknown> {
  yield* [null, true, -1, "", "x".repeat(500), [], {}];
  if (typeof value !== "object" || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    for (const changed of mutations(part)) {
      yield Array.isArray(value)
        ? value.map((each, index) => (String(index) === key ? changed : each))
        : { ...value, [key]: changed };
    }
  }
}

/** A body bent in every way: its values where it is JSON, else its characters. */
export function* bentBodies(body: string): Generator<string> {
  try {
    for (const bent of mutations(JSON.parse(body))) yield JSON.stringify(bent);
  } catch {
    for (let index = 0; index < body.length; index++) {
      for (const other of ["", "-", "9", "x", "{", "\0"]) {
        yield body.slice(0, index) + other + body.slice(index + 1);
      }
    }
  }
}

/** Every beginning of a body but the whole. */
export function* beginnings(body: string): Generator<string> {
  for (let length = 0; length < body.length; length++) yield body.slice(0, length);
}
