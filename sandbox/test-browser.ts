/**
 * As much of a browser as a sign-in needs: cookies by path, redirects, and sending the form of a page with the headers
 * that tell whose page it is.
 */

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

export class Browser {
  /** address of the page, or the address outside the sandbox that it was sent to */
  location = '';
  html = '';
  status = 0;
  headers = new Headers();
  #cookies: Cookie[] = [];
  #origin = '';

  /** The page without its markup. */
  get text(): string {
    return this.html.replace(/<style.*?<\/style>|<[^>]+>/gs, ' ').replace(/\s+/g, ' ');
  }

  async open(url: string): Promise<void> {
    this.#origin = new URL(url).origin;
    await this.#go(url, 'GET');
  }

  /** Sends the page's last form with these fields and its hidden ones. */
  async submit(fields: Readonly<Record<string, string>>): Promise<void> {
    const form = this.html.match(/<form[\s\S]*?<\/form>/g)?.at(-1) ?? '';
    const action = /action="([^"]*)"/.exec(form)?.[1];
    if (action === undefined) throw new Error(`there is no form on ${this.location}: ${this.text}`);
    const body = new URLSearchParams();
    for (const [, name = '', value = ''] of form.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g))
      body.set(name, value);
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    await this.#go(new URL(decodeEntities(action), this.location).href, 'POST', body);
  }

  async #go(url: string, method: 'GET' | 'POST', body?: URLSearchParams): Promise<void> {
    this.location = url;
    const target = new URL(url);
    // what lies outside is the portal: the test reads the address
    if (target.origin !== this.#origin) return;
    const sent = this.#cookies.filter(({ path }) => target.pathname.startsWith(path));
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        cookie: sent.map(({ name, value }) => `${name}=${value}`).join('; '),
        ...(body && this.#provenance()),
      },
      ...(body && { body }),
    });
    for (const header of response.headers.getSetCookie()) this.#keep(header);
    const next = response.headers.get('location');
    if (next !== null) return this.#go(new URL(next, url).href, 'GET');
    this.status = response.status;
    this.headers = response.headers;
    this.html = await response.text();
    // a page that sends itself on, as a browser with script would
    if (this.html.includes('document.forms[0].submit()')) await this.submit({});
  }

  /** https://fetch.spec.whatwg.org/#append-a-request-origin-header, for a form that goes to its own site */
  #provenance(): Record<string, string> {
    const hidden = this.headers.get('referrer-policy') === 'no-referrer';
    return { origin: hidden ? 'null' : this.#origin, 'sec-fetch-site': 'same-origin' };
  }

  #keep(header: string): void {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    const [name = '', ...value] = pair.split('=');
    const path = attributes.find((one) => one.toLowerCase().startsWith('path='))?.slice(5) ?? '/';
    const expires = attributes.find((one) => one.toLowerCase().startsWith('expires='))?.slice(8);
    this.#cookies = this.#cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
    if (expires === undefined || Date.parse(expires) > Date.now())
      this.#cookies.push({ name, value: value.join('='), path });
  }
}

function decodeEntities(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))).replaceAll('&amp;', '&');
}
