/**
 * The bytes of an attachment out of the JSON in which Graph gives it back, as it streams in: the text of `contentBytes`
 * is decoded piece by piece, so that 150 MB take no more memory than a few kilobytes. Everything else is passed over.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NAME = 'contentBytes';
/** Longest name of a property that is looked at; longer ones are none of ours. */
const NAME_LIMIT = 64;

/** The answer is no attachment with content: another kind, or it ended before its time. */
export class NoContentError extends Error {
  override name = 'NoContentError';
}

type Place = 'outside' | 'string' | 'content';

/** Takes the JSON of one attachment. `end` must be called after the last piece. */
export class AttachmentContent {
  readonly #take: (bytes: Uint8Array) => void;
  #place: Place = 'outside';
  #depth = 0;
  /** the last whole string at the top: a name, if a colon follows */
  #last = '';
  #named = '';
  #text = '';
  #escape = '';
  /** base64 that does not make a whole group of four yet */
  #rest = '';
  #state: 'before' | 'open' | 'done' = 'before';

  /** @param take gets the decoded bytes in their order */
  constructor(take: (bytes: Uint8Array) => void) {
    this.#take = take;
  }

  /** @throws NoContentError where it is not base64 */
  write(piece: Uint8Array): void {
    const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let at = 0; at < buffer.length; ) {
      at = this.#place === 'outside' ? this.#outside(buffer, at) : this.#inside(buffer, at);
    }
  }

  /** @throws NoContentError where there was no whole content */
  end(): void {
    if (this.#state !== 'done' || this.#depth !== 0) throw new NoContentError('an attachment came without its content');
  }

  /** Between strings. @returns where to go on */
  #outside(buffer: Buffer, at: number): number {
    const byte = buffer[at];
    switch (byte) {
      case QUOTE:
        if (this.#depth === 1 && this.#named === NAME && this.#state === 'before') {
          this.#place = 'content';
          this.#state = 'open';
        } else this.#place = 'string';
        this.#text = '';
        this.#escape = '';
        break;
      case 0x7b: // {
      case 0x5b: // [
        this.#depth++;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        this.#depth--;
        break;
      case 0x3a: // :
        if (this.#depth === 1) this.#named = this.#last;
        break;
      case 0x2c: // ,
        if (this.#depth === 1) this.#named = '';
        break;
      default:
    }
    return at + 1;
  }

  /** Within a string, up to its end or the buffer's. @returns where to go on */
  #inside(buffer: Buffer, at: number): number {
    if (this.#escape !== '') return this.#escaped(buffer, at);
    const quote = endOf(buffer, QUOTE, at);
    const backslash = endOf(buffer.subarray(0, quote), BACKSLASH, at);
    const end = Math.min(quote, backslash);
    if (end > at) this.#add(buffer, at, end);
    if (end === buffer.length) return end;
    if (end === backslash && backslash < quote) this.#escape = '\\';
    else this.#close();
    return end + 1;
  }

  /** A slash may be written with a backslash, and a plus by its code: both are letters of base64. */
  #escaped(buffer: Buffer, at: number): number {
    this.#escape += String.fromCharCode(buffer[at] ?? 0);
    const whole = this.#escape[1] !== 'u' || this.#escape.length === 6;
    if (!whole) return at + 1;
    const [, kind = ''] = this.#escape;
    const letter = kind === 'u' ? String.fromCharCode(Number.parseInt(this.#escape.slice(2), 16)) : kind;
    this.#escape = '';
    this.#addText(letter);
    return at + 1;
  }

  #add(buffer: Buffer, from: number, to: number): void {
    if (this.#place === 'content') this.#addText(buffer.toString('latin1', from, to));
    else if (this.#text.length <= NAME_LIMIT)
      this.#addText(buffer.toString('latin1', from, Math.min(to, from + NAME_LIMIT + 1)));
  }

  #addText(text: string): void {
    if (this.#place === 'string') {
      this.#text += text;
      return;
    }
    const base64 = this.#rest + text;
    const whole = base64.length - (base64.length % 4);
    this.#rest = base64.slice(whole);
    this.#decode(base64.slice(0, whole));
  }

  #decode(base64: string): void {
    if (base64 === '') return;
    const bytes = Buffer.from(base64, 'base64');
    const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
    // Node passes over what is not base64; what was passed over would be missing without a word.
    if (bytes.length !== (base64.length / 4) * 3 - padding) throw new NoContentError('an attachment is not base64');
    this.#take(bytes);
  }

  #close(): void {
    if (this.#place === 'content') {
      if (this.#rest !== '') throw new NoContentError('an attachment is not base64');
      this.#state = 'done';
    } else this.#last = this.#depth === 1 ? this.#text : '';
    this.#place = 'outside';
  }
}

function endOf(buffer: Buffer, byte: number, from: number): number {
  const found = buffer.indexOf(byte, from);
  return found < 0 ? buffer.length : found;
}
