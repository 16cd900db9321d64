/** Small documents: a PDF of one page and a contact card. */
import { Draw } from '../../random.ts';

const SUBJECTS = ['Delivery note', 'Minutes', 'Invoice', 'List of remarks', 'Receipts', 'Confirmation'] as const;

/** PDF 1.4 of one page with a few lines in Helvetica; the cross-reference table is exact. */
export function writePdf(variant: number): Buffer {
  const draw = new Draw('pdf', variant);
  const title = draw.pick(SUBJECTS);
  const lines = Array.from({ length: draw.between(6, 22) }, (_, at) => {
    return `${String(at + 1).padStart(2, '0')}   Position ${draw.between(1_000, 9_999)}   ${draw.between(1, 40)} pcs   ${draw.between(12, 980)}.00`;
  });
  const page = [
    'BT /F1 20 Tf 60 770 Td',
    `(${title} ${draw.between(10_000, 99_999)}) Tj /F1 11 Tf 0 -34 Td 16 TL`,
    ...lines.map((line) => `(${line}) Tj T*`),
    'ET',
  ].join('\n');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>',
    `<< /Length ${page.length} >>\nstream\n${page}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  file += offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}

type Contact = readonly [given: string, family: string, company: string];

const CONTACTS: readonly [Contact, ...Contact[]] = [
  ['Bianca', 'Ferrari', 'Northgate Supply'],
  ['Oskar', 'Lindgren', 'Maple Freight'],
  ['Renée', 'Dubois', 'Tessera Glass'],
  ['Kwame', 'Boateng', 'Hollis Partners'],
  ['Jürgen', 'Weiß', 'Corvane & Sons'],
];

/** vCard 4.0 (RFC 6350). */
export function writeVcard(variant: number): Buffer {
  const draw = new Draw('vcard', variant);
  const [given, family, company] = draw.pick(CONTACTS);
  return Buffer.from(
    [
      'BEGIN:VCARD',
      'VERSION:4.0',
      `FN:${given} ${family}`,
      `N:${family};${given};;;`,
      `ORG:${company}`,
      `TEL;TYPE=work;VALUE=uri:tel:+1-415-555-01${draw.between(10, 99)}`,
      `EMAIL:${given.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()}@northgate.example`,
      'END:VCARD',
      '',
    ].join('\r\n'),
    'utf8',
  );
}
