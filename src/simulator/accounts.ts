/** Secrets by access key id; the vendors' signature checks know no other account. */
const SECRETS: Readonly<Record<string, string>> = {
  "sim-id": "sim-secret",
  "sim-id-2": "sim-secret-2",
};

export const secretOf = (accessKeyId: string): string | undefined =>
  Object.hasOwn(SECRETS, accessKeyId) ? SECRETS[accessKeyId] : undefined;

/** The account that a secret alone stands for, for vendors whose key is both. */
export const accountOf = (secret: string): string | undefined =>
  Object.keys(SECRETS).find((account) => SECRETS[account] === secret);
