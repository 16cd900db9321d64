/**
 * Alder & Byrne, the organization that the demo and most tests work in. The people written here each carry one
 * difficulty that a real directory has; the comment above each says which.
 */
import type { Person, Tenant } from './people.ts';
import { type PersonTraits, person, staff } from './staff.ts';

const DOMAIN = 'alderbyrne.example';
const GROUP_DOMAIN = 'alderbyrne-group.example';
const at = (traits: PersonTraits): Person => person(DOMAIN, traits);

const withDifficulties: readonly Person[] = [
  // may do everything: sets the connector up and consents for the organization
  at({
    givenName: 'Grace',
    surname: 'Adeyemi',
    mobile: '+12125550101',
    appRoles: ['DataConnectors.Admin'],
    directoryRoles: ['Global Administrator'],
  }),
  // sets the connector up, but has to send the consent link to somebody else
  at({ givenName: 'Lena', surname: 'Fischer', mobile: '+4917604069002', appRoles: ['DataConnectors.Admin'] }),
  // may consent, may not enter the portal
  at({
    givenName: 'Priya',
    surname: 'Nair',
    mobile: '+447700900103',
    directoryRoles: ['Privileged Role Administrator'],
  }),
  at({ givenName: 'Tomasz', surname: 'Zieliński', mobile: '+12125550104', appRoles: ['DataConnectors.Reader'] }),
  at({ givenName: 'Ingrid', surname: 'Solberg', mobile: '+447700900105', appRoles: ['DataConnectors.Auditor'] }),
  at({ givenName: 'Marcus', surname: 'Webb', mobile: '+12125550106', appRoles: ['DataConnectors.ContentViewer'] }),
  // signs in and has no role at all
  at({ givenName: 'Sam', surname: 'Okafor', mobile: '+12125550107' }),
  // administrator by the Exchange role Mailbox Import Export, which comes through a role group
  at({
    givenName: 'Noa',
    surname: 'Levi',
    mobile: '+972505550108',
    exchangeRoleGroups: ['Mailbox Import Operators'],
  }),
  // guest: in the directory, never a mailbox of this organization; it is at home in another one
  at({
    givenName: 'Elif',
    surname: 'Demir',
    alias: 'elif.demir_brightwell.example#EXT#',
    displayName: 'Elif Demir (Brightwell)',
    mail: 'elif.demir@brightwell.example',
    userType: 'Guest',
    mailbox: 'onPremises',
    mobile: '+12125550109',
  }),
  // leaver: the account is disabled, the mailbox and the phone still work
  at({ givenName: 'Henrik', surname: 'Dahl', mobile: '+12125550110', accountEnabled: false }),
  // no licence, therefore no mailbox
  at({ givenName: 'Yuki', surname: 'Tanaka', mobile: '+12125550111', mailbox: 'none' }),
  // shared mailbox with a phone on the desk
  at({
    givenName: 'Front',
    surname: 'Desk',
    alias: 'frontdesk',
    displayName: 'Front Desk London',
    mailbox: 'shared',
    accountEnabled: false,
    mobile: '+447700900112',
  }),
  // several addresses in both domains; TeleMessage knows an old one
  at({
    givenName: 'Mateo',
    surname: 'Ruiz',
    mail: `mateo.ruiz@${DOMAIN}`,
    proxyAddresses: [
      `SMTP:mateo.ruiz@${DOMAIN}`,
      `smtp:mateo.ruiz-garcia@${DOMAIN}`,
      `smtp:mateo.ruiz@${GROUP_DOMAIN}`,
      `smtp:m.ruiz@${GROUP_DOMAIN}`,
    ],
    telemessageEmail: `m.ruiz@${GROUP_DOMAIN}`,
    mobile: '+12125550113',
  }),
  // Julia signs in as j.hart@, which is Jonas's alias: mail for j.hart@ is Jonas's
  at({
    givenName: 'Julia',
    surname: 'Hart',
    alias: 'j.hart',
    mail: `julia.hart@${DOMAIN}`,
    mobile: '+12125550114',
  }),
  at({
    givenName: 'Jonas',
    surname: 'Hart',
    proxyAddresses: [`SMTP:jonas.hart@${DOMAIN}`, `smtp:j.hart@${DOMAIN}`],
    telemessageEmail: `j.hart@${DOMAIN}`,
    mobile: '+12125550115',
  }),
  // addresses written in capitals, differently in each system
  at({
    givenName: 'Olivia',
    surname: 'Chen',
    alias: 'Olivia.CHEN',
    mail: `Olivia.Chen@AlderByrne.example`,
    proxyAddresses: [`SMTP:Olivia.Chen@AlderByrne.example`, `smtp:O.CHEN@${GROUP_DOMAIN}`],
    telemessageEmail: `OLIVIA.CHEN@ALDERBYRNE.EXAMPLE`,
    mobile: '+16465550116',
  }),
  // the mailbox takes nothing any more
  at({ givenName: 'Victor', surname: 'Lindqvist', mailbox: 'full', mobile: '+12125550117' }),
  // no e-mail at TeleMessage: only a custom mapping finds the mailbox
  at({ givenName: 'Ben', surname: 'Carter', telemessageEmail: null, mobile: '+12125550118' }),
  // a private e-mail at TeleMessage, outside the verified domains
  at({ givenName: 'Dana', surname: 'Whitlock', telemessageEmail: 'dana.w@homemail.example', mobile: '+12125550119' }),
  // phone accounts that are not activated
  at({ givenName: 'Ravi', surname: 'Menon', telemessageStatus: 'pending', mobile: '+447700900120' }),
  at({ givenName: 'Helena', surname: 'Costa', telemessageStatus: 'suspended', mobile: '+12125550121' }),
  at({ givenName: 'Owen', surname: 'Pritchard', telemessageStatus: 'locked', mobile: '+447700900122' }),
];

export const alderByrne: Tenant = {
  id: '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271',
  displayName: 'Alder & Byrne',
  domains: [DOMAIN, GROUP_DOMAIN],
  people: [...withDifficulties, ...staff(DOMAIN, 20, 1)],
};
