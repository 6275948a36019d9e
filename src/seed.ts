import { framesFor } from "./compliance/opt-out-text.ts";
import { policyOf } from "./compliance/policies.ts";
import { defaultAbuseRules, mergeAbuseRules } from "./compliance/rules.ts";
import { insertAbuseRules } from "./compliance/store.ts";
import { raiseVersion } from "./db/snapshot.ts";
import type { Deps } from "./deps.ts";
import { ulid } from "./lib/id.ts";
import type { Category } from "./messages/message.ts";
import { providers } from "./providers/registry.ts";
import { type Account, callbackUrls } from "./routing/account.ts";
import { insertAccount, replaceRoutes } from "./routing/store.ts";
import { fileSender } from "./senders/file-sender.ts";
import { insertSender } from "./senders/store.ts";
import { insertStorefront, listStorefronts } from "./storefronts/store.ts";
import { askAgainAll, fileEverywhere } from "./templates/file-template.ts";
import type { Frames } from "./templates/frame.ts";
import { insertTemplate } from "./templates/store.ts";
import { plainVariable, type Template, variablesOf } from "./templates/template.ts";
import { defaultSettings } from "./verifications/settings.ts";
import { insertVerificationSettings } from "./verifications/store.ts";

const SENDER = "鸿雁商城";
const DOMAIN = "shop.example";
const COUNTRIES = ["CN", "US", "GB", "SG", "HK"];
/** Who sends codes, in this order. */
const CODE_PROVIDERS = ["aliyun", "tencent"];
/** The simulator has none of the vendors' own limits. */
const SIMULATOR_PER_SECOND = 1_000;
/** The simulator reviews in half a second; a first code shall not come before that. */
const REVIEW_PAUSE_MS = 100;
const REVIEW_TRIES = 50;

/** What the simulator takes as credentials, under each vendor's own names. */
const CREDENTIALS: Record<keyof typeof providers, unknown> = {
  aliyun: { access_key_id: "sim-id", access_key_secret: "sim-secret" },
  tencent: { secret_id: "sim-id", secret_key: "sim-secret", sdk_app_id: "1400006666" },
  smsbao: { username: "sim-id", api_key: "sim-secret" },
  twilio: {
    account_sid: "sim-id",
    auth_token: "sim-secret",
    from: "+15005550006",
    marketing_sender: "+15005550009",
  },
  yunpian: { apikey: "sim-secret" },
};

/** The last line lets a browser of `DOMAIN` fill the code in by itself. */
const AUTOFILL = `\n@${DOMAIN} #{{code}}`;

interface Text {
  readonly name: string;
  readonly category: Category;
  readonly zh: string;
  readonly en: string;
}

/** The mainland takes no code template without the word 验证码, whatever its language. */
const CODES: readonly Omit<Text, "category">[] = [
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

const TEXTS: readonly Text[] = [
  ...CODES.map(({ name, zh, en }) => ({
    name,
    category: "otp" as const,
    zh: zh + AUTOFILL,
    en: en + AUTOFILL,
  })),
  {
    name: "order-shipped",
    category: "notification",
    zh: "{{name}}您好，您的订单{{order_no}}已由{{carrier}}发出，请留意查收。",
    en: "Hello {{name}}, your order {{order_no}} is on its way with {{carrier}}.",
  },
  {
    name: "opt-out-confirmed",
    category: "notification",
    zh: "退订已生效，我们不再向您发送此类短信。",
    en: "You have opted out. We will send you no more of these texts.",
  },
  {
    name: "help",
    category: "notification",
    zh: "如需帮助，请在商城内联系客服，我们会尽快答复。回复TD可不再接收优惠短信。",
    en: "For help, contact our customer service in the shop. Reply TD to get no more offers by text.",
  },
  // The mainland takes no promotion that does not say how to end them.
  {
    name: "promo",
    category: "marketing",
    zh: "{{name}}您好，专属优惠：{{offer}}。拒收请回复R",
    en: "Hello {{name}}, an offer for you: {{offer}}. Reply R to opt out (拒收请回复R)",
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
      perSecond: SIMULATOR_PER_SECOND,
      prices: null,
      createdAt: deps.clock.now(),
    };
  });
  const filings = await fileSender({ fetch, stamp: deps.stamp }, accounts, SENDER);
  const templates = await fileTemplates(deps, accounts, () => ({
    id: id("tpl"),
    storefront,
    sender: sender.id,
  }));
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
    ...insertSender(db, sender, filings, deps.clock.now()),
    ...accounts.map((account) => insertAccount(db, keys, account)),
    ...templates.flatMap((template) =>
      insertTemplate(
        db,
        template,
        { status: "approved", liveVersion: template.version, submittedBy: null },
        { actor: "seed", now: deps.clock.now() },
      ),
    ),
    replaceRoutes(db, [
      {
        match: { category: "otp" },
        candidates: accounts
          .filter((account) => CODE_PROVIDERS.includes(account.provider.id))
          .map((account) => ({ account: account.id, weight: 1 })),
        strategy: "priority",
      },
      // Everything else, by whoever can.
      {
        match: {},
        candidates: accounts.map((account) => ({ account: account.id, weight: 1 })),
        strategy: "priority",
      },
    ]),
    insertVerificationSettings(db, storefront, defaultSettings(COUNTRIES)),
    insertAbuseRules(
      db,
      storefront,
      mergeAbuseRules(defaultAbuseRules, {
        prefix: { mode: "observe" },
        sequence: { mode: "observe" },
        address: { mode: "observe" },
      }),
    ),
    raiseVersion(db),
  ]);
  snapshot.forget();
  await deps.audit.append({
    requestId: null,
    actor: "system",
    actorName: null,
    action: "storefronts.seed",
    resource: { type: "storefronts", id: storefront },
    storefront,
    ip: null,
    summary: {},
  });
}

const framesOf = (category: Category, body: string): { readonly frames?: Frames } =>
  category === "marketing"
    ? { frames: framesFor(body, COUNTRIES, (country) => policyOf({}, category, country)) }
    : {};

/** Files all texts and waits for their reviews, so that what is seeded can be used at once. */
async function fileTemplates(
  deps: Deps,
  accounts: readonly Account[],
  head: () => Pick<Template, "id" | "storefront" | "sender">,
): Promise<Template[]> {
  const filing = { fetch, stamp: deps.stamp };
  const templates: Template[] = [];
  for (const { name, category, zh, en } of TEXTS) {
    for (const [locale, body] of Object.entries({ "zh-CN": zh, en })) {
      const text = { name, category, locale, body, sender: SENDER, ...framesOf(category, body) };
      const bindings = await fileEverywhere(filing, accounts, text);
      const variables = variablesOf(body).map(plainVariable);
      templates.push({ ...text, ...head(), channel: "sms", version: 1, variables, bindings });
    }
  }
  // All are filed before the first is waited for, so that one wait is enough.
  for (const [index, template] of templates.entries()) {
    let { bindings } = template;
    for (let tries = 0; tries < REVIEW_TRIES; tries++) {
      const text = { ...template, sender: SENDER, ...framesOf(template.category, template.body) };
      bindings = await askAgainAll(filing, accounts, bindings, text);
      if (bindings.every((binding) => binding.status !== "submitted")) break;
      await scheduler.wait(REVIEW_PAUSE_MS);
    }
    templates[index] = { ...template, bindings };
  }
  return templates;
}

async function registerCallbacks(deps: Deps, account: Account): Promise<void> {
  const { config } = deps;
  await fetch(`${config.SIMULATOR_ORIGIN}/callbacks/${account.provider.id}`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(callbackUrls(config.PUBLIC_ORIGIN, account)),
  });
}
