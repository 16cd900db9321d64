/** Who lives in the sandbox, as far as these tests meet them. Written down here, not imported: a test says what it expects. */

export interface PersonOfTest {
  readonly name: string;
  readonly address: string;
}

export const ALDER_BYRNE = {
  id: '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271',
  domain: 'alderbyrne.example',
  /** sets up and consents */
  grace: { name: 'Grace Adeyemi', address: 'grace.adeyemi@alderbyrne.example' },
  /** sets up, may not consent */
  lena: { name: 'Lena Fischer', address: 'lena.fischer@alderbyrne.example' },
  /** may consent, may not enter the portal */
  priya: { name: 'Priya Nair', address: 'priya.nair@alderbyrne.example' },
  /** may look */
  tomasz: { name: 'Tomasz Zieliński', address: 'tomasz.zielinski@alderbyrne.example' },
  /** signs off */
  ingrid: { name: 'Ingrid Solberg', address: 'ingrid.solberg@alderbyrne.example' },
  /** opens originals */
  marcus: { name: 'Marcus Webb', address: 'marcus.webb@alderbyrne.example' },
  /** whose mailbox is full */
  victor: { name: 'Victor Lindqvist', address: 'victor.lindqvist@alderbyrne.example' },
  /** TeleMessage has no e-mail of his: a mapping alone finds his mailbox */
  ben: { name: 'Ben Carter', address: 'ben.carter@alderbyrne.example', mobile: '+12125550118' },
  /** TeleMessage has a private e-mail of hers, which counts for nothing */
  dana: { name: 'Dana Whitlock', address: 'dana.whitlock@alderbyrne.example', mobile: '+12125550119' },
  /** no role at all */
  sam: { name: 'Sam Okafor', address: 'sam.okafor@alderbyrne.example' },
  account: { username: 'archive.admin@alderbyrne.example', password: 'sandbox-archive-1', name: 'Alder & Byrne' },
  /** has ordered Verizon Network alone */
  networkOnly: {
    username: 'archive.basic@alderbyrne.example',
    password: 'sandbox-archive-3',
    name: 'Alder & Byrne (network only)',
  },
} as const;

export const KESTREL = {
  /** tenant id */
  id: 'b7a1c2d4-93e5-4f60-8d1b-6a2f0e9c3b58',
  domain: 'kestrelbank.example',
  amara: { name: 'Amara Mensah', address: 'amara.mensah@kestrelbank.example' },
  felix: { name: 'Felix Brandt', address: 'felix.brandt@kestrelbank.example' },
  account: { username: 'archive.admin@kestrelbank.example', password: 'sandbox-archive-6', name: 'Kestrel Bank' },
} as const;

/** Each test that leaves something behind has a kind of its own: an organization has one draft of a kind. */
export const KINDS = {
  android: { slug: 'android-archiver', name: 'Android Archiver', folder: 'Android Archiver' },
  whatsapp: { slug: 'whatsapp-archiver', name: 'WhatsApp Archiver' },
  verizon: { slug: 'verizon-network', name: 'Verizon Network', folder: 'Verizon SMS/MMS Network Archiver' },
  telegram: { slug: 'telegram-archiver', name: 'Telegram Archiver', folder: 'Telegram Archiver' },
  signal: { slug: 'signal-archiver', name: 'Signal Archiver' },
  o2: { slug: 'o2-network', name: 'O2 Network' },
  enterprise: { slug: 'enterprise-number-archiver', name: 'Enterprise Number Archiver' },
} as const;
