'use client';

import { FailedPage } from '#components/frame/failed-page.tsx';

/** A page inside the frame that failed: the frame stays. */
export default FailedPage;
