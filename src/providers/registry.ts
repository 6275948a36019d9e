import { aliyun } from "./aliyun.ts";
import type { Provider } from "./provider.ts";
import { tencent } from "./tencent.ts";

const registered = { aliyun, tencent } satisfies Record<string, Provider>;

export type ProviderId = keyof typeof registered;

/** All providers by id. Without a prototype, so that `constructor` is no provider. */
export const providers: Readonly<Record<string, Provider>> = Object.freeze(
  Object.assign(Object.create(null), registered),
);

export const isProviderId = (id: string): id is ProviderId => id in providers;
