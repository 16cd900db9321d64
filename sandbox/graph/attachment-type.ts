/** The media type of an attachment. Exchange keeps what a client called it, as a property that may be any text. */

const UNKNOWN = 'application/octet-stream';
/** longer ones than any registered type are no header that clients would take */
const LONGEST = 255;

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:[ \\t]*;[\\x20-\\x7e]*)?$`);

/** What the content is served as: what it was called, where that is a media type that a header can carry. */
export function servedType(contentType: string): string {
  return contentType.length <= LONGEST && MEDIA_TYPE.test(contentType) ? contentType : UNKNOWN;
}
