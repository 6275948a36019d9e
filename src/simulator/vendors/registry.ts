import { aliyun } from "./aliyun.ts";
import { smsbao } from "./smsbao.ts";
import { tencent } from "./tencent.ts";
import { twilio } from "./twilio.ts";
import type { Vendor } from "./vendor.ts";
import { yunpian } from "./yunpian.ts";

export const VENDORS = { aliyun, tencent, smsbao, twilio, yunpian } as const satisfies Record<
  string,
  Vendor
>;

export type ProviderId = keyof typeof VENDORS;

export const PROVIDERS = Object.keys(VENDORS) as ProviderId[];

export const isProviderId = (text: string): text is ProviderId => Object.hasOwn(VENDORS, text);

export const vendorOf = (provider: ProviderId): Vendor => VENDORS[provider];
