const STYLE = `
:root { color-scheme: light dark; --paper: #f4f1ea; --card: #fff; --ink: #23262b; --soft: #7b7f87;
  --line: #e4dfd4; --bubble: #eef0f3; --mine: #2f6f5e; --accent: #2f6f5e; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #17191c; --card: #212429; --ink: #e8e6e1; --soft: #979ba3; --line: #33373d;
    --bubble: #2e3238; --mine: #3b8a75; --accent: #6fbfa8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; }
header { display: flex; align-items: baseline; gap: 12px; padding: 28px 32px 8px; flex-wrap: wrap; }
h1 { margin: 0; font-size: 22px; font-weight: 650; letter-spacing: .02em; }
header p { margin: 0; color: var(--soft); }
main { display: grid; gap: 20px; padding: 20px 32px 48px;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); }
.handset { display: flex; flex-direction: column; height: 460px; overflow: hidden;
  background: var(--card); border: 1px solid var(--line); border-radius: 26px; }
.handset h2 { margin: 0; padding: 16px 20px 12px; border-bottom: 1px solid var(--line);
  font-size: 15px; font-weight: 600; font-variant-numeric: tabular-nums; text-align: center; }
.texts { flex: 1; overflow-y: auto; padding: 14px 16px; display: flex; flex-direction: column; gap: 4px; }
.bubble { max-width: 86%; padding: 9px 13px; border-radius: 18px 18px 18px 5px;
  background: var(--bubble); white-space: pre-wrap; overflow-wrap: anywhere; }
.mine { align-self: flex-end; border-radius: 18px 18px 5px 18px; background: var(--mine); color: #fff; }
.meta { margin: 0 6px 8px; color: var(--soft); font-size: 12px; }
form { display: flex; gap: 8px; padding: 12px; border-top: 1px solid var(--line); }
input { flex: 1; min-width: 0; padding: 8px 14px; font: inherit; color: inherit;
  background: var(--paper); border: 1px solid var(--line); border-radius: 20px; }
button { padding: 8px 16px; font: inherit; color: #fff; background: var(--mine); border: 0;
  border-radius: 20px; cursor: pointer; }
input:focus-visible, button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.empty { grid-column: 1 / -1; padding: 80px 20px; text-align: center; color: var(--soft); }
.empty strong { display: block; margin-bottom: 6px; color: var(--ink); font-size: 18px; }
`;

const SCRIPT = `
const words = navigator.language.startsWith("zh")
  ? { lang: "zh-CN", title: "运营商模拟器", about: "所有通道的短信都到这里", empty: "还没有短信",
      hint: "发出的短信会立刻出现在收件人的手机上。", reply: "回复短信", send: "发送",
      failed: "没有送出", offline: "模拟器没有响应" }
  : { lang: "en", title: "Carrier simulator", about: "Every provider's texts arrive here",
      empty: "No texts yet", hint: "A text shows up on its handset the moment it is sent.",
      reply: "Reply", send: "Send", failed: "Not sent", offline: "The simulator does not answer" };
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
document.documentElement.lang = words.lang;
document.title = words.title;
const about = make("p", "", words.about);
const header = make("header");
header.append(make("h1", "", words.title), about);
const main = make("main");
main.setAttribute("aria-live", "polite");
document.body.append(header, main);

const time = new Intl.DateTimeFormat(words.lang, { timeStyle: "medium", dateStyle: "short" });
const handsets = new Map();

function handset(number) {
  const known = handsets.get(number);
  if (known) return known;
  const card = make("section", "handset");
  const texts = make("div", "texts");
  const form = make("form");
  const input = make("input");
  input.placeholder = words.reply;
  input.setAttribute("aria-label", words.reply + " " + number);
  input.maxLength = 1000;
  form.append(input, make("button", "", words.send));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === "") return;
    const response = await fetch("/handsets/" + encodeURIComponent(number) + "/reply", {
      method: "POST", body: JSON.stringify({ text }) });
    if (response.ok) input.value = "";
    else {
      input.setCustomValidity(words.failed + ": " + (await response.json()).detail);
      input.reportValidity();
      input.addEventListener("input", () => input.setCustomValidity(""), { once: true });
    }
    await refresh();
  });
  card.append(make("h2", "", number), texts, form);
  const made = { card, texts, shown: "" };
  handsets.set(number, made);
  return made;
}

function show(number, messages) {
  const { card, texts, shown } = handset(number);
  const state = JSON.stringify(messages);
  if (state !== shown) {
    handsets.get(number).shown = state;
    texts.replaceChildren(...messages.toReversed().flatMap((message) => [
      make("div", "bubble", message.text),
      make("div", "meta", message.provider + " · " + time.format(new Date(message.received_at))),
      ...message.replies.map((reply) => make("div", "bubble mine", reply)),
    ]));
    texts.scrollTop = texts.scrollHeight;
  }
  return card;
}

function render(data) {
  const numbers = Map.groupBy(data, (message) => message.number);
  const cards = [...numbers].map(([number, messages]) => show(number, messages));
  if (cards.length === 0) {
    const empty = make("div", "empty", words.hint);
    empty.prepend(make("strong", "", words.empty));
    cards.push(empty);
  }
  const isSame = cards.length === main.children.length && cards.every((card, i) => card === main.children[i]);
  if (!isSame && !(main.contains(document.activeElement) && cards.length === main.children.length)) {
    main.replaceChildren(...cards);
  }
}

async function refresh() {
  try {
    const { data } = await (await fetch("/handsets")).json();
    about.textContent = words.about;
    render(data);
  } catch {
    about.textContent = words.offline;
  }
}
refresh();
setInterval(refresh, 1000);
`;

const HTML = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>运营商模拟器</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body><script>${SCRIPT}</script></body>
</html>`;

/** The handsets, live; texts reach the page as text nodes alone. */
export const page = (): Response =>
  new Response(HTML, {
    headers: {
      "content-type": "text/html;charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
  });
