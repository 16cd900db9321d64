/** Senders that are not people: alphanumeric names and short codes, and what they send. */
export interface Service {
  readonly sender: string;
  readonly texts: readonly [string, ...string[]];
}

export const brands: readonly [Service, ...Service[]] = [
  {
    sender: 'PARCELBOX',
    texts: [
      'Your parcel {ref} arrives tomorrow between {time} and 20:00. Not at home? Reply is not possible.',
      'Your parcel {ref} is in box {n}. Code 48213. It waits for 7 days.',
      'We missed you. Parcel {ref} goes back on {weekday}.',
    ],
  },
  {
    sender: 'NORTHBANK',
    texts: [
      'Card ending 4417: {amount} at {company}. Not you? Call the number on your card.',
      'Transfer of {amount} booked. Reference {ref}.',
      'We never ask for your PIN by text message.',
    ],
  },
  {
    sender: 'CityTram',
    texts: [
      'Line {n}: no service until further notice. Please use bus 40.',
      'Line {n} runs again. Sorry for the delay.',
    ],
  },
];

export const shortCodes: readonly [Service, ...Service[]] = [
  {
    sender: '24273',
    texts: ['482 193 is your code. It expires in 10 minutes.', '771 025 is your code. Do not share it.'],
  },
  {
    sender: '88811',
    texts: [
      'Reminder: dentist on {weekday} at {time}. Reply Y to confirm, N to cancel.',
      'Confirmed. See you on {weekday}.',
    ],
  },
  { sender: '60777', texts: ['Your table at {time} is ready ✔', 'How was your visit? Answer 1 (bad) to 5 (great).'] },
];

/** What comes from an e-mail address through the carrier's gateway. */
export const mailed: readonly [Service, ...Service[]] = [
  {
    sender: 'monitoring@{domain}',
    texts: [
      '[{project}] disk on node {n} is 91 % full',
      '[{project}] resolved: disk on node {n}',
      '[{project}] weekly report is ready',
    ],
  },
  {
    sender: 'bookings@{domain}',
    texts: ['Your room in {place} is confirmed: {ref}', 'Check-in opens at 15:00', 'Thank you for staying with us'],
  },
];
