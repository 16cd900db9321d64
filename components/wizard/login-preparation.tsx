'use client';

import { Link, makeStyles, tokens } from '@fluentui/react-components';
import { OpenRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';
import type { StepProps } from './step-props.ts';

const useStyles = makeStyles({
  section: { display: 'grid', rowGap: tokens.spacingVerticalS },
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  list: {
    listStyleType: '"✓  "',
    margin: 0,
    paddingLeft: tokens.spacingHorizontalXL,
    display: 'grid',
    rowGap: tokens.spacingVerticalXS,
  },
  link: { display: 'inline-flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
});

const words = text.wizard.login;

export interface LoginPreparationProps {
  readonly kind: StepProps['kind'];
  readonly links: { readonly order: string; readonly register: string };
}

/** Steps 1 and 2 of the login: what happens at TeleMessage before an account can be signed in to. */
export function LoginPreparation({ kind, links }: LoginPreparationProps) {
  const styles = useStyles();
  const register = kind.captures === 'app' ? words.registerApp : words.registerNetwork;
  return (
    <>
      <section className={styles.section} aria-labelledby="login-order">
        <h2 id="login-order" className={styles.heading}>
          {words.order}
        </h2>
        <Checklist items={words.orderItems(kind.name)} className={styles.list} />
        <OutwardLink href={links.order} label={words.orderLink} />
      </section>
      <section className={styles.section} aria-labelledby="login-register">
        <h2 id="login-register" className={styles.heading}>
          {words.register}
        </h2>
        <Checklist items={register} className={styles.list} />
        <OutwardLink href={links.register} label={words.registerLink} />
      </section>
    </>
  );
}

function Checklist({ items, className }: { readonly items: readonly string[]; readonly className: string }) {
  return (
    <ul className={className}>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}

function OutwardLink({ href, label }: { readonly href: string; readonly label: string }) {
  const styles = useStyles();
  return (
    <span>
      <Link className={styles.link} href={href} target="_blank" rel="noreferrer">
        {label} <OpenRegular aria-label={text.frame.newTab} />
      </Link>
    </span>
  );
}
