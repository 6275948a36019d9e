import { raiseVersion } from "./db/snapshot.ts";
import type { Deps } from "./deps.ts";
import { ulid } from "./lib/id.ts";
import { SECOND } from "./lib/time.ts";
import type { Provider, Region } from "./providers/provider.ts";
import { providers } from "./providers/registry.ts";
import { call } from "./providers/submit.ts";
import type { Account } from "./routing/account.ts";
import { insertAccount, replaceRoutes } from "./routing/store.ts";
import { insertSender } from "./senders/store.ts";
import { insertStorefront, listStorefronts } from "./storefronts/store.ts";
import { insertTemplate } from "./templates/store.ts";
import { type Binding, plainVariable, type Template, variablesOf } from "./templates/template.ts";
import { defaultSettings } from "./verifications/settings.ts";
import { replaceVerificationSettings } from "./verifications/store.ts";

const SENDER = "鸿雁商城";
const DOMAIN = "shop.example";
const COUNTRIES = ["CN", "US", "GB", "SG", "HK"];
const REGIONS: readonly Region[] = ["domestic", "international"];
/** Who sends codes, in this order. */
const CODE_PROVIDERS = ["aliyun", "tencent"];
const FILING = { timeoutMs: 5 * SECOND };
/** The simulator reviews in half a second; a first code shall not come before that. */
const REVIEW_PAUSE_MS = 100;
const REVIEW_TRIES = 50;

/** What the simulator takes as credentials, under each vendor's own names. */
const CREDENTIALS: Record<keyof typeof providers, unknown> = {
  aliyun: { access_key_id: "sim-id", access_key_secret: "sim-secret" },
  tencent: { secret_id: "sim-id", secret_key: "sim-secret", sdk_app_id: "1400006666" },
};

/** The last line lets a browser of `DOMAIN` fill the code in by itself. */
const AUTOFILL = `\n@${DOMAIN} #{{code}}`;

/** The mainland takes no code template without the word 验证码, whatever its language. */
const TEXTS: readonly { name: string; zh: string; en: string }[] = [
  {
    name: "otp-register",
    zh: "验证码{{code}}，用于注册账号，5分钟内有效。如非本人操作请忽略。",
    en: "{{code}} is your code (验证码) to sign up, valid for 5 minutes. Not you? Ignore this text.",
  },
  {
    name: "otp-login",
    zh: "验证码{{code}}，用于登录，5分钟内有效。请勿告知他人。",
    en: "{{code}} is your login code (验证码), valid for 5 minutes. Do not share it with anyone.",
  },
  {
    name: "otp-payment",
    zh: "验证码{{code}}，用于确认支付，5分钟内有效。工作人员不会索取验证码。",
    en: "{{code}} is your payment code (验证码), valid for 5 minutes. Our staff will never ask for it.",
  },
  {
    name: "otp-account-change",
    zh: "验证码{{code}}，用于修改账号信息，5分钟内有效。如非本人操作请立即修改密码。",
    en: "{{code}} is your code (验证码) to change account details, valid for 5 minutes. Not you? Change your password.",
  },
];

/** Makes the demo storefront with accounts at the simulator, once; without a simulator, nothing. */
export async function seed(deps: Deps): Promise<void> {
  const { config, db, keys, snapshot } = deps;
  if (config.SIMULATOR_ORIGIN === "") return;
  if ((await listStorefronts(db)).length > 0) return;
  const id = (prefix: string) => `${prefix}_${ulid(deps.clock.now(), deps.randomBytes(10))}`;
  const storefront = id("sto");
  const sender = { id: id("snd"), storefront, name: SENDER };
  const accounts = Object.values(providers).map((provider): Account => {
    const token = Array.from(deps.randomBytes(24), (byte) => byte.toString(16).padStart(2, "0"));
    return {
      id: id("acc"),
      name: `${provider.title.en} (simulator)`,
      provider,
      credentials: CREDENTIALS[provider.id as keyof typeof providers],
      endpoint: `${config.SIMULATOR_ORIGIN}/${provider.id}`,
      token: token.join(""),
      enabled: true,
      relay: null,
      perSecond: null,
      prices: null,
      createdAt: deps.clock.now(),
    };
  });
  for (const account of accounts) await fileSender(deps, account);
  const templates: Template[] = [];
  for (const { name, zh, en } of TEXTS) {
    for (const [locale, text] of [
      ["zh-CN", zh],
      ["en", en],
    ] as const) {
      const body = text + AUTOFILL;
      const template = { id: id("tpl"), storefront, name, locale, body, sender: sender.id };
      const bindings = await fileTemplate(deps, accounts, template);
      templates.push({
        ...template,
        category: "otp",
        channel: "sms",
        version: 1,
        variables: variablesOf(body).map(plainVariable),
        bindings,
      });
    }
  }
  // All are filed before the first is waited for, so that one wait is enough.
  for (const [index, template] of templates.entries()) {
    const bindings = [];
    for (const binding of template.bindings) {
      bindings.push({ ...binding, status: await reviewed(deps, accounts, binding) });
    }
    templates[index] = { ...template, bindings };
  }
  for (const account of accounts) await registerCallbacks(deps, account);

  await db.batch([
    insertStorefront(db, {
      id: storefront,
      name: SENDER,
      domain: DOMAIN,
      defaultCountry: "CN",
      timezone: "Asia/Shanghai",
      locale: "zh-CN",
      currency: "CNY",
      sender: sender.id,
    }),
    insertSender(db, sender, deps.clock.now()),
    ...accounts.map((account) => insertAccount(db, keys, account)),
    ...templates.flatMap((template) =>
      insertTemplate(db, template, { actor: "seed", now: deps.clock.now() }),
    ),
    replaceRoutes(db, [
      {
        match: { category: "otp" },
        candidates: accounts
          .filter((account) => CODE_PROVIDERS.includes(account.provider.id))
          .map((account) => ({ account: account.id, weight: 1 })),
        strategy: "priority",
      },
    ]),
    replaceVerificationSettings(db, storefront, defaultSettings(COUNTRIES)),
    raiseVersion(db),
  ]);
  snapshot.forget();
}

async function fileSender(deps: Deps, account: Account): Promise<void> {
  const { provider, credentials, endpoint } = account;
  if (!provider.senders) return;
  // Abroad a sender's name is not filed, and Aliyun knows a name but once.
  const sender = { name: SENDER, region: "domestic" } as const;
  const request = provider.senders.file(credentials, endpoint, sender, deps.stamp());
  const answer = await call({ fetch }, request, FILING);
  const filed = answer.ok ? provider.senders.readFiled(answer.value) : null;
  if (!filed?.ok) deps.logError("sender-not-filed", { provider: provider.id, ...filed });
}

async function fileTemplate(
  deps: Deps,
  accounts: readonly Account[],
  template: {
    readonly id: string;
    readonly name: string;
    readonly locale: string;
    readonly body: string;
  },
): Promise<Binding[]> {
  const bindings: Binding[] = [];
  for (const account of accounts) {
    for (const region of REGIONS) {
      const providerTemplateId = await fileOne(deps, account, template, region);
      if (providerTemplateId === null) continue;
      bindings.push({
        account: account.id,
        region,
        providerTemplateId,
        status: account.provider.templates ? "submitted" : "approved",
        detail: null,
        parameters: variablesOf(template.body),
      });
    }
  }
  return bindings;
}

async function fileOne(
  deps: Deps,
  account: Account,
  template: { readonly name: string; readonly locale: string; readonly body: string },
  region: Region,
): Promise<string | null> {
  const provider: Provider = account.provider;
  if (!provider.templates) return "";
  const filing = {
    name: `${template.name} ${template.locale}`,
    body: template.body,
    category: "otp",
    region,
    sender: SENDER,
    variables: variablesOf(template.body),
  } as const;
  const request = provider.templates.file(
    account.credentials,
    account.endpoint,
    filing,
    deps.stamp(),
  );
  const answer = await call({ fetch }, request, FILING);
  const filed = answer.ok ? provider.templates.readFiled(answer.value) : null;
  if (filed?.ok) return filed.providerTemplateId;
  deps.logError("template-not-filed", { provider: provider.id, template: template.name, ...filed });
  return null;
}

/** Waits for the review, so that what is seeded can be used at once. */
async function reviewed(
  deps: Deps,
  accounts: readonly Account[],
  binding: Binding,
): Promise<Binding["status"]> {
  const account = accounts.find((one) => one.id === binding.account);
  for (let tries = 0; account?.provider.templates && tries < REVIEW_TRIES; tries++) {
    const { credentials, endpoint } = account;
    const request = account.provider.templates.review(credentials, endpoint, binding, deps.stamp());
    const answer = await call({ fetch }, request, FILING);
    const outcome = answer.ok ? account.provider.templates.readReview(answer.value) : "unknown";
    if (outcome === "approved" || outcome === "rejected") return outcome;
    await scheduler.wait(REVIEW_PAUSE_MS);
  }
  return binding.status;
}

async function registerCallbacks(deps: Deps, account: Account): Promise<void> {
  const { config } = deps;
  const base = `${config.PUBLIC_ORIGIN}/webhooks/${account.provider.id}/${account.id}/${account.token}`;
  await fetch(`${config.SIMULATOR_ORIGIN}/callbacks/${account.provider.id}`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ receipts: `${base}/receipts`, replies: `${base}/replies` }),
  });
}
