import { aliyun } from "./aliyun.ts";
import type { Provider } from "./provider.ts";
import { sandbox } from "./sandbox.ts";
import { smsbao } from "./smsbao.ts";
import { tencent } from "./tencent.ts";
import { twilio } from "./twilio.ts";
import { yunpian } from "./yunpian.ts";

const registered = { aliyun, tencent, smsbao, twilio, yunpian } satisfies Record<string, Provider>;

export type ProviderId = keyof typeof registered;

/** All providers by id. Without a prototype, so that `constructor` is no provider. */
export const providers: Readonly<Record<string, Provider>> = Object.freeze(
  Object.assign(Object.create(null), registered),
);

/** Whose texts have a queue: all of them, and the sandbox, which nobody can have an account at. */
export const queueOwners: readonly string[] = [...Object.keys(registered), sandbox.id];

export const isProviderId = (id: string): id is ProviderId => id in providers;
