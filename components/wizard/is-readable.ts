/** Whether the disk still gives a file out as it was chosen: browsers refuse one that changed since. */
export function isReadable(file: File): Promise<boolean> {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
}
