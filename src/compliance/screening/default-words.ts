import type { Word } from "./words.ts";

const list = (
  category: Word["category"],
  severity: Word["severity"],
  words: string,
): readonly Word[] =>
  words
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "")
    .map((word) => ({ word, category, severity }));

const DISCOUNTS = [..."123456789一二三四五六七八九"].map((figure) => `${figure}折`).join();

/**
 * What every storefront begins with: a modest list, for imports to add to. Short words that name
 * ordinary things as well are observed, not refused.
 */
export const DEFAULT_WORDS: readonly Word[] = [
  ...list(
    "marketing",
    "refuse",
    `优惠, 優惠, 促销, 促銷, 折扣, 打折, 特价, 特價, 特惠, 满减, 滿減, 秒杀, 秒殺, 大促, 清仓, 清倉, 限时抢,
     抢购, 搶購, 领券, 領券, 优惠券, 代金券, 满额立减, 买一送一, 買一送一, 低至, 半价, 甩卖, 爆款, 钜惠, 巨惠,
     立减, 免费领, 限时福利, 双十一狂欢, ${DISCOUNTS}`,
  ),
  ...list(
    "marketing",
    "refuse",
    `sale, sales event, flash sale, discount, discounts, discounted, % off, percent off, promo,
     promos, promotion, promotions, promotional, coupon, coupons, voucher code, special offer,
     limited time offer, limited offer, best deal, best deals, hot deal, hot deals, buy now,
     shop now, act now, clearance, half price, bogo, buy one get one, cashback`,
  ),
  ...list(
    "marketing",
    "observe",
    "赠品, 新品上市, 会员日, 红包, 返现, 礼券, free gift, new arrivals",
  ),
  ...list("marketing", "off", "after sale, point of sale, bill of sale, date of sale"),
  ...list(
    "gambling",
    "refuse",
    `赌博, 賭博, 博彩, 赌场, 賭場, 六合彩, 时时彩, 百家乐, 老虎机, 下注, 投注站, 澳门赌, 彩金, 外围赌球,
     casino, slot machine, sports betting, baccarat, online betting`,
  ),
  ...list(
    "pornography",
    "refuse",
    `色情, 裸聊, 约炮, 援交, 成人影片, 黄色视频, 一夜情, 招嫖, porn, porno, escort service, nude chat`,
  ),
  ...list("politics", "hold", "颠覆国家政权, 分裂国家, 非法集会, 邪教"),
  ...list(
    "fraud",
    "refuse",
    `刷单, 刷單, 代开发票, 办证刻章, 套现, 洗钱, 跑分, 稳赚不赔, 高额返利, 内幕消息, 裸贷, 校园贷, 无抵押秒贷,
     安全账户, 中奖通知, 点击解冻, guaranteed profit, you have won, claim your prize, wire money`,
  ),
  ...list(
    "contact",
    "refuse",
    `加微信, 加微, 加薇, 加我微信, 微信号, 薇信, 威信号, 加vx, 加v信, 加v, 加wx, 加qq, 加扣扣, qq号, qq群, 扣扣号,
     加我好友, 加好友, 加群, 进群, 扫码加, 私聊, 私信我, 联系我, add me on wechat, my wechat, wechat id,
     add me on whatsapp, whatsapp me, telegram me, text me at, call me at`,
  ),
  ...list("contact", "observe", "微信, 企鹅号, 公众号, wechat, whatsapp, telegram, qq"),
];
