/** Checks a mapping file beside the page, by the server's own rules, so that a million rows do not freeze a click. */
import { type CheckRequest, checkFile } from './check-file.ts';

self.addEventListener('message', (event: MessageEvent<CheckRequest>) => {
  void checkFile(event.data, (message) => self.postMessage(message)).then((message) => self.postMessage(message));
});
