/** The text of an HTML body. Whoever sends it may have written anything, so it is read once, from front to back. */

/** What stands between the tags, and no style sheet; entities stay as they are. */
export function textOf(html: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < html.length) {
    const tag = html.indexOf('<', at);
    const end = tag === -1 ? -1 : endOfTag(html, tag);
    if (end === -1) break;
    parts.push(html.slice(at, tag));
    at = end;
  }
  return [...parts, html.slice(at)].join(' ');
}

/** Behind the tag, and behind the style sheet that it opens; -1 when it never ends. */
function endOfTag(html: string, tag: number): number {
  const close = html.indexOf('>', tag);
  if (close === -1 || !/^<style[\s>]/i.test(html.slice(tag, tag + 7))) return close === -1 ? -1 : close + 1;
  const sheet = html.indexOf('</style>', close);
  return sheet === -1 ? html.length : sheet + '</style>'.length;
}
