/** A solved challenge; whether it was used before, the guard knows. */
export interface Proof {
  readonly id: string;
  readonly until: number;
}

/** Why the answer to a challenge proves nothing. `silent`: nobody could say what it is worth. */
export type ProofFault =
  | "invalid"
  | "used"
  | "unsolved"
  | "other-site"
  | "other-action"
  | "other-number"
  | "unbound"
  | "silent";

/** What is added to a rule's own words where a challenge was answered in vain. */
export const FAULTS: Readonly<Record<ProofFault, { readonly en: string; readonly zh: string }>> = {
  invalid: { en: "The token is none that can be verified.", zh: "提交的令牌无法通过验证。" },
  used: { en: "The token was used before, or has expired.", zh: "提交的令牌已被使用或已过期。" },
  unsolved: {
    en: "The work is not done for this number.",
    zh: "提交的工作量证明并非针对该号码完成。",
  },
  "other-site": {
    en: "The token was solved on another site than the storefront's.",
    zh: "提交的令牌来自店铺以外的网站。",
  },
  "other-action": {
    en: "The token was solved for another action.",
    zh: "提交的令牌用于其他操作。",
  },
  "other-number": {
    en: "The token was solved for another number.",
    zh: "提交的令牌用于其他号码。",
  },
  unbound: {
    en: "The token must be bound to the number: take the challenge by POST /v1/challenges.",
    zh: "令牌必须与号码绑定：请通过 POST /v1/challenges 获取验证。",
  },
  silent: {
    en: "The token's verifier gave no answer: meanwhile only numbers that used a code before go on, and only where nothing else speaks against it.",
    zh: "令牌的验证服务没有响应：在此期间，仅曾使用过验证码且无其他可疑迹象的号码可以继续。",
  },
};
