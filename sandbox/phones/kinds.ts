/**
 * The archiver products that the sandbox's TeleMessage sells: what each of them archives. The family and its item
 * types are public documentation; the identifiers are the feed contract's.
 */
export interface ArchiverKind {
  readonly id: string;
  readonly name: string;
  /** item type of a text; of one with attachments, null where the archiver takes none */
  readonly text: 'sms' | 'chat';
  readonly media: 'mms' | 'file' | null;
  /** whether recorded calls, and calls without a recording, are archived */
  readonly recordings: boolean;
  readonly callLogs: boolean;
  readonly deletions: boolean;
}

const network = (id: string, name: string, traits: Partial<ArchiverKind> = {}): ArchiverKind => ({
  id,
  name,
  text: 'sms',
  media: 'mms',
  recordings: false,
  callLogs: false,
  deletions: false,
  ...traits,
});

const chat = (id: string, name: string): ArchiverKind =>
  network(id, name, { text: 'chat', media: 'file', recordings: true, callLogs: true, deletions: true });

export const archiverKinds: readonly ArchiverKind[] = [
  network('android-archiver', 'Android Archiver', { recordings: true, callLogs: true }),
  network('att-network', 'AT&T Network'),
  network('bell-network', 'Bell Network'),
  network('enterprise-number-archiver', 'Enterprise Number Archiver', { recordings: true, callLogs: true }),
  network('o2-network', 'O2 Network', { media: null, recordings: true }),
  network('rogers-network', 'Rogers Network'),
  network('telus-network', 'TELUS Network', { media: null }),
  network('verizon-network', 'Verizon Network'),
  chat('signal-archiver', 'Signal Archiver'),
  chat('telegram-archiver', 'Telegram Archiver'),
  chat('wechat-archiver', 'WeChat Archiver'),
  chat('whatsapp-archiver', 'WhatsApp Archiver'),
];

export function findArchiverKind(id: string): ArchiverKind | undefined {
  return archiverKinds.find((kind) => kind.id === id);
}
