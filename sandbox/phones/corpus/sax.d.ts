/** The part of npm `sax` 1 that reading a corpus takes; the package has no types of its own. */
declare module 'sax' {
  export interface SAXParser {
    onopentag: (tag: { readonly name: string }) => void;
    onclosetag: (name: string) => void;
    ontext: (text: string) => void;
    oncdata: (text: string) => void;
    onerror: (error: Error) => void;
    write(text: string): SAXParser;
    close(): SAXParser;
  }
  const sax: { parser(strict: boolean, options?: { trim?: boolean; normalize?: boolean }): SAXParser };
  export default sax;
}
