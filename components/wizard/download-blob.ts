/** Saves what the browser already has as a file. */
export function downloadBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // The download has begun with the click; the address may go as soon as this turn is over.
  setTimeout(() => URL.revokeObjectURL(url));
}
