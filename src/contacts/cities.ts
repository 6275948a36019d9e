/** Names that two cities share, or that are no city's: as zones of IANA they would mislead. */
const UNCLEAR = new Set([
  "center",
  "cordoba",
  "eastern",
  "easter",
  "eucla",
  "knox",
  "la paz",
  "mayotte",
  "merida",
  "metlakatla",
  "midway",
  "palmer",
  "reunion",
  "south georgia",
  "wake",
]);

/** Cities that zones are not named after, and what those that are named after are called in Chinese. */
const CITIES: Readonly<Record<string, string>> = {
  "Asia/Shanghai": `beijing guangzhou shenzhen chengdu hangzhou wuhan nanjing suzhou tianjin xiamen
    qingdao dalian xian chongqing changsha ningbo 北京 上海 广州 深圳 成都 杭州 武汉 南京 苏州 天津
    厦门 青岛 大连 西安 重庆 长沙 宁波 郑州 济南 福州 合肥 昆明 沈阳 哈尔滨 长春 石家庄 太原 南昌 南宁
    贵阳 兰州 海口 三亚 银川 西宁 呼和浩特 拉萨 无锡 佛山 东莞 温州 珠海`,
  "Asia/Hong_Kong": "香港 九龙 kowloon",
  "Asia/Macau": "澳门 macao",
  "Asia/Taipei": "台北 高雄 台中 kaohsiung taichung",
  "Asia/Tokyo": "东京 大阪 京都 横滨 名古屋 札幌 福冈 osaka kyoto yokohama nagoya sapporo fukuoka",
  "Asia/Seoul": "首尔 釜山 仁川 busan incheon",
  "Asia/Singapore": "新加坡",
  "Asia/Kuala_Lumpur": "吉隆坡 槟城 新山 penang johor_bahru",
  "Asia/Bangkok": "曼谷 清迈 chiang_mai phuket",
  "Asia/Jakarta": "雅加达 泗水 surabaya bandung medan",
  "Asia/Makassar": "巴厘岛 bali denpasar",
  "Asia/Manila": "马尼拉 宿务 cebu davao",
  "Asia/Ho_Chi_Minh": "胡志明市 胡志明 河内 hanoi da_nang ho_chi_minh_city",
  "Asia/Kolkata":
    "德里 新德里 孟买 delhi new_delhi mumbai bangalore bengaluru chennai hyderabad pune",
  "Asia/Dubai": "迪拜 阿布扎比 abu_dhabi",
  "Asia/Riyadh": "利雅得 jeddah",
  "Asia/Almaty": "阿拉木图 astana",
  "Europe/London": "伦敦 曼彻斯特 爱丁堡 manchester liverpool edinburgh glasgow leeds",
  "Europe/Paris": "巴黎 里昂 马赛 lyon marseille",
  "Europe/Berlin":
    "柏林 慕尼黑 汉堡 法兰克福 munich hamburg frankfurt cologne stuttgart dusseldorf",
  "Europe/Madrid": "马德里 巴塞罗那 barcelona valencia sevilla seville",
  "Europe/Rome": "罗马 米兰 milan naples turin",
  "Europe/Amsterdam": "阿姆斯特丹 rotterdam the_hague",
  "Europe/Zurich": "苏黎世 日内瓦 geneva",
  "Europe/Moscow": "莫斯科 圣彼得堡 saint_petersburg st_petersburg",
  "Asia/Vladivostok": "海参崴 符拉迪沃斯托克",
  "Asia/Novosibirsk": "新西伯利亚",
  "Asia/Yekaterinburg": "叶卡捷琳堡",
  "America/New_York": `纽约 波士顿 华盛顿 费城 迈阿密 亚特兰大 new_york_city boston washington
    philadelphia miami atlanta orlando charlotte pittsburgh cleveland`,
  "America/Detroit": "底特律",
  "America/Chicago":
    "芝加哥 休斯敦 休斯顿 达拉斯 houston dallas austin san_antonio new_orleans minneapolis",
  "America/Denver": "丹佛 salt_lake_city",
  "America/Phoenix": "凤凰城 tucson",
  "America/Los_Angeles": `洛杉矶 旧金山 西雅图 圣地亚哥市 拉斯维加斯 圣何塞 san_francisco seattle san_diego
    las_vegas san_jose sacramento oakland`,
  "Pacific/Honolulu": "檀香山 火奴鲁鲁",
  "America/Toronto": "多伦多 蒙特利尔 渥太华 montreal ottawa quebec",
  "America/Vancouver": "温哥华",
  "America/Edmonton": "埃德蒙顿 卡尔加里 calgary",
  "America/Winnipeg": "温尼伯",
  "America/Mexico_City": "墨西哥城 guadalajara puebla",
  "America/Sao_Paulo": "圣保罗 里约热内卢 巴西利亚 rio_de_janeiro brasilia curitiba",
  "Australia/Sydney": "悉尼 堪培拉 canberra",
  "Australia/Melbourne": "墨尔本",
  "Australia/Brisbane": "布里斯班 黄金海岸 gold_coast cairns",
  "Australia/Perth": "珀斯",
  "Australia/Adelaide": "阿德莱德",
  "Pacific/Auckland": "奥克兰 惠灵顿 基督城 wellington christchurch",
  "Africa/Johannesburg": "约翰内斯堡 开普敦 cape_town durban pretoria",
  "Africa/Cairo": "开罗",
  "Africa/Lagos": "拉各斯 abuja",
  "Africa/Nairobi": "内罗毕",
};

/** One spelling of a city: `São Paulo` and `sao_paulo` are the same, 杭州市 is 杭州. */
const spell = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[\s_.'’-]+/g, " ")
    .trim()
    .replace(/(?<=.{2})市$/u, "");

const ZONES: ReadonlyMap<string, string> = (() => {
  const zones = new Map<string, string>();
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    const [, city, more] = zone.split("/");
    if (city && more === undefined && !UNCLEAR.has(spell(city))) zones.set(spell(city), zone);
  }
  for (const [zone, cities] of Object.entries(CITIES)) {
    for (const city of cities.split(/\s+/)) zones.set(spell(city), zone);
  }
  return zones;
})();

/** Official time is Beijing's, people live two hours behind it. */
const XINJIANG = ["Asia/Shanghai", "Asia/Urumqi"];

/** The zones of a city in Chinese or English; none of one that is not known. */
export function zonesOfCity(name: string): readonly string[] {
  const city = spell(name);
  if (/^(新疆|乌鲁木齐|喀什|伊犁|xinjiang|urumqi|kashgar)/.test(city)) return XINJIANG;
  const zone = ZONES.get(city);
  return zone === undefined ? [] : [zone];
}
