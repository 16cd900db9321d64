/** Between the page that ends a consent and the wizard that waits for it, in one browser. It says "look", no more. */
export const CONSENT_CHANNEL = 'portal-consent';
