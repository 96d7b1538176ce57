// All words of the page itself, in both languages: one row each, zh-CN then en. What the bot says comes worded from
// the server. `{name}` is replaced by an argument. The rules of wording stand in the catalogues of the bot: no
// exclamation marks, no apology, times absolute, one word one meaning.

const kWords = {
  title: ['警钟 Tocsin', 'Tocsin'],
  brand: ['警钟', 'Tocsin'],
  'brand.sub': ['值班频道', 'incident channel'],
  skip: ['跳到输入框', 'Skip to the input'],

  'view.label': ['视图', 'Views'],
  'view.channel': ['频道', 'Channel'],
  'view.incidents': ['事件', 'Incidents'],
  'view.pages': ['呼叫', 'Pages'],

  'language.switch': ['EN: switch to English', '中文:切换到中文'],
  'language.other': ['EN', '中文'],
  'theme.auto': ['外观:跟随系统', 'Appearance: system'],
  'theme.light': ['外观:浅色', 'Appearance: light'],
  'theme.dark': ['外观:深色', 'Appearance: dark'],

  'status.label': ['连接', 'Connection'],
  'status.connecting': ['正在连接', 'Connecting'],
  'status.open': ['已连接', 'Connected'],
  'status.lost': ['{since} 起断开,重连中', 'Lost {since}, retrying'],
  'status.retry': ['重连', 'Retry'],
  'status.viewer': ['只读', 'Read only'],
  'status.demo': ['演示', 'Demo'],
  'status.demo.title': ['演示配置:不向外发送任何东西', 'Demo configuration: nothing is sent outside'],
  'status.updated': ['页面有新版本', 'This page has a new version'],
  'status.reload': ['重新载入', 'Reload'],

  'channel.label': ['频道消息', 'Channel messages'],
  'channel.empty': ['还没有消息', 'No messages yet'],
  'channel.empty.hint': ['发 /help 看能做什么', 'Send /help to see what can be done'],
  'channel.new': ['{count} 条新消息', '{count} new'],
  'channel.latest': ['到最新', 'Latest'],
  'channel.older': ['更早的消息不在这一页', 'Earlier messages are not on this page'],

  'entry.private': ['仅你可见', 'only you see this'],
  'entry.edited': ['{time} 更新', 'updated {time}'],
  'entry.reply': ['答 {name}:{text}', 're {name}: {text}'],
  'entry.unknown': [
    '这一段({name})此页不会显示,重新载入或看终端',
    'This page cannot show this part ({name}): reload, or see the terminal',
  ],

  'command.unsent': ['未发送,连上就发', 'Not sent; goes out once connected'],
  'command.sent': ['已发,等回应', 'Sent, no answer yet'],
  'command.unknown': ['未知是否送达,连上再问', 'Unknown if it arrived; asked again once connected'],
  'command.old-unsent': ['未发送,已过 {span}', 'Not sent, {span} ago'],
  'command.old-unknown': ['未知是否送达,已过 {span}', 'Unknown if it arrived, {span} ago'],
  'command.accepted': ['已受理', 'accepted'],
  'command.refused': ['⛔ 没有执行', '⛔ Not run'],
  'command.retry': ['再发', 'Send again'],
  'command.discard': ['放弃', 'Discard'],

  'code.output': ['输出', 'Output'],
  'code.plan': ['批准后要执行的', 'What will run'],
  'code.line': ['1 行', '1 line'],
  'code.lines': ['{lines} 行', '{lines} lines'],
  'code.cut': ['开头已截去', 'start cut off'],
  'code.last': ['只显示最后 {shown} 行', 'last {shown} lines shown'],
  'code.all': ['展开全部 {lines} 行', 'Show all {lines} lines'],
  'code.fold': ['收起', 'Fold'],
  'code.copy': ['复制', 'Copy'],
  'code.copied': ['已复制', 'Copied'],
  'table.label': ['表格', 'Table'],
  'table.verdict': ['结论', 'Verdict'],
  'table.more': ['另有 {count} 行未显示', '{count} more rows not shown'],
  'verdict.good': ['正常', 'good'],
  'verdict.warning': ['注意', 'watch'],
  'verdict.bad': ['异常', 'bad'],
  'verdict.unknown': ['未知', 'unknown'],
  'buttons.label': ['操作', 'Actions'],
  'progress.label': ['进度', 'Progress'],
  'progress.unknown': ['进度未知', 'progress unknown'],
  'file.download': ['下载', 'Download'],

  'composer.label': ['给警钟的指令', 'Command to Tocsin'],
  'composer.placeholder': ['输入指令,如 /incident', 'Type a command, e.g. /incident'],
  'composer.send': ['发送', 'Send'],
  'composer.keys': [
    'Enter 发送 · Shift+Enter 换行 · Tab 补全 · ↑ 历史',
    'Enter sends · Shift+Enter new line · Tab completes · ↑ history',
  ],
  'composer.viewer': [
    '只读:还不知道你是谁。在终端发 /whoami link,打开得到的个人链接。',
    'Read only: nobody knows who you are. Send /whoami link in the terminal and open your personal link.',
  ],
  'completion.label': ['补全', 'Completions'],
  'completion.count': ['{count} 个补全,Tab 取第一个', '{count} completions, Tab takes the first'],

  'incidents.title': ['未结事件', 'Open incidents'],
  'incidents.empty': ['没有未结事件', 'No open incidents'],
  'incidents.unknown': ['未知:还没有连上', 'Unknown: not connected yet'],
  'incidents.stale': ['{since} 起没有新数据,计时照常', 'No new data since {since}; clocks go on'],
  'incident.open': ['待认领', 'not taken'],
  'incident.acknowledged': ['已认领', 'taken'],
  'incident.mitigated': ['已缓解', 'mitigated'],
  'incident.resolved': ['已解决', 'resolved'],
  'incident.private': ['私密', 'private'],
  'incident.drill': ['演练', 'drill'],
  'incident.assignee': ['负责 {name}', 'on it: {name}'],
  'incident.commander': ['指挥 {name}', 'commander: {name}'],
  'incident.nobody': ['无人负责', 'nobody on it'],
  'incident.insert': ['把 {label} 填进输入框', 'Put {label} into the input'],

  'clock.response': ['响应', 'Response'],
  'clock.recovery': ['恢复', 'Recovery'],
  'clock.remaining': ['剩 {span}', '{span} left'],
  'clock.lapsed': ['超时 {span}', '{span} over'],
  'clock.paused': ['暂停,剩 {span}', 'Paused, {span} left'],
  'clock.paused.over': ['暂停,已超时', 'Paused, over'],
  'clock.met': ['守住', 'Met'],
  'clock.late': ['晚了 {span}', 'Late by {span}'],
  'clock.running': ['已过 {span}', '{span} so far'],
  'clock.none': ['无时限', 'No target'],
  'clock.note.running': ['已用 {elapsed} / {target}', '{elapsed} of {target}'],
  'clock.note.done': ['用时 {elapsed} / {target}', 'took {elapsed} of {target}'],
  'clock.by': ['{time} 前', 'by {time}'],
  'clock.was': ['限 {time}', 'due {time}'],
  'clock.at': ['{time}', 'at {time}'],

  'span.days': ['{days} 天', '{days} d'],
  'span.hours': ['{hours} 时', '{hours} h'],
  'span.minutes': ['{minutes} 分', '{minutes} min'],

  'pages.title': ['我的呼叫', 'My pages'],
  'pages.empty': ['没有呼叫', 'No pages'],
  'pages.new': ['呼叫:{text}', 'Page: {text}'],
  'page.queued': ['排队中', 'queued'],
  'page.sending': ['发送中', 'sending'],
  'page.accepted': ['已交出', 'handed over'],
  'page.delivered': ['已送达', 'delivered'],
  'page.seen': ['已读', 'seen'],
  'page.acknowledged': ['已认领', 'taken'],
  'page.failed': ['未送达', 'failed'],
  'page.superseded': ['已被取代', 'superseded'],

  'notice.close': ['关闭', 'Close'],
  'notice.show': ['看频道', 'See channel'],
};

const kLanguages = ['zh-CN', 'en'];

/** The language of ours that fits a locale such as `zh-CN`, `zh-Hans`, `en_GB`; English for any other. */
export function languageFor(locale) {
  return /^zh\b/i.test((locale ?? '').replace('_', '-')) ? 'zh-CN' : 'en';
}

/** Makes the translate function of one language: `words(key, arguments)`. An unknown key throws: a mistake of ours. */
export function wordsIn(language) {
  const column = kLanguages.indexOf(language);
  const words = (key, values = {}) => {
    const row = kWords[key];
    if (!row) throw new Error(`no words for ${key}`);
    return row[column].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  };
  words.has = (key) => Object.hasOwn(kWords, key);
  words.language = language;
  return words;
}

/** For tests: every key with both texts. */
export const kTable = kWords;

/**
 * Words the fixed parts of the page: `data-word` fills the text, `data-word-label` the aria-label, `data-word-title`
 * the title, `data-word-placeholder` the placeholder.
 */
export function wordFixedParts(root, words) {
  const each = (name, apply) => {
    for (const node of root.querySelectorAll(`[data-${name}]`)) apply(node, words(node.getAttribute(`data-${name}`)));
  };
  each('word', (node, text) => {
    node.textContent = text;
  });
  each('word-label', (node, text) => node.setAttribute('aria-label', text));
  each('word-title', (node, text) => node.setAttribute('title', text));
  each('word-placeholder', (node, text) => node.setAttribute('placeholder', text));
}
