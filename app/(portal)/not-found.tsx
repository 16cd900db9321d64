import { NotFound } from '#components/frame/problem-page.tsx';

export default function NotFoundInPortal() {
  return <NotFound />;
}
