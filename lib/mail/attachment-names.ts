/** File names that any mailbox and any disk can hold, each once in a message. */
import { cleanLine } from './line.ts';

const NAME_LIMIT = 150;
/** Windows opens a device under these names, whatever their extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?=\s*(?:\.|$))/i;
const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
  'video/3gpp': '3gp',
  'audio/amr': 'amr',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'text/plain': 'txt',
  'text/x-vcard': 'vcf',
  'text/vcard': 'vcf',
  'application/pdf': 'pdf',
  'application/smil': 'smil',
};

/** Gives out names for one message. */
export class AttachmentNames {
  readonly #taken = new Set<string>();

  /**
   * Without separators, controls and what Windows forbids, and no device's name. Nothing left gives `attachment-<position>`, with the extension
   * of its type or `.bin`; a name that is taken, in any case, gets ` (2)`.
   *
   * @param position of the attachment in the item, from 1
   */
  give(name: string, contentType: string, position: number): string {
    const cleaned = cleanLine(name.slice(-1000).replace(/[/\\:*?"<>|]+/g, '_'), 1000).replace(
      /^[\s._]+$|^\s+|[\s.]+$/g,
      '',
    );
    const named = cleaned === '' ? `attachment-${position}.${EXTENSIONS[contentType] ?? 'bin'}` : cleaned;
    const whole = DEVICE.test(named) ? `_${named}` : named;
    const dot = whole.lastIndexOf('.');
    const extension = dot > 0 && whole.length - dot <= 20 ? whole.slice(dot) : '';
    const stem = whole.slice(0, whole.length - extension.length);
    let given = fitting(stem, extension);
    for (let copy = 2; this.#taken.has(given.toLowerCase()); copy += 1) given = fitting(stem, ` (${copy})${extension}`);
    this.#taken.add(given.toLowerCase());
    return given;
  }
}

/** `type/subtype` in lower case without parameters, else bytes of no known type. */
export function cleanContentType(contentType: string): string {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/.test(type)
    ? type
    : 'application/octet-stream';
}

function fitting(stem: string, end: string): string {
  return cleanLine(stem, NAME_LIMIT - end.length) + end;
}
