import { fourth, me, type Script, script, third, you } from './script.ts';

/** Conversations of three or four people; {group} is the name of the group. */
export const groups: readonly [Script, ...Script[]] = [
  script(
    'crew',
    [
      me('Team, we start at {time} tomorrow. Helmets please, the inspector comes 👷'),
      you('Got it'),
      third('Who brings the key for container {n}?'),
      me('I do'),
      third('🙏'),
    ],
    [
      third('Inspector is early!!'),
      me('Stay calm, show him level 1 first'),
      you('He likes the scaffold, and the view 😄', 'photo'),
      me('Two remarks only. Well done everybody'),
    ],
    [you('List of the remarks', 'pdf'), third('Mine are fixed'), me('Then we close {project} on {weekday} 🎉')],
  ),
  script(
    'lunch',
    [
      me('Lunch at 12:30? Noodles or the Lebanese place?'),
      third('Lebanese!'),
      you('Lebanese 🧆'),
      me('Booked for all of us'),
    ],
    [third('Running late, order me the usual'), you('Which usual'), third('The one with the aubergine 🍆'), me('Done')],
    [you('Who paid yesterday?'), me('Me, 14 each. No hurry'), third('Sent'), you('Sent too')],
  ),
  script(
    'release',
    [
      you('{project}: numbers of the week', 'chart'),
      third('The dip on {weekday} is the holiday in {place}'),
      me('Thanks, please put that under the chart, {company} will ask'),
    ],
    [
      me('Go or no go for {weekday}?'),
      third('Go'),
      fourth('Go, with the old price list'),
      you('Go 🚀'),
      me('Going. Hold your phones close tonight'),
    ],
    [
      fourth('All quiet so far'),
      you('Two calls, both about the invoice layout'),
      me('Good work everybody, and thank you'),
    ],
  ),
  script(
    'travel group',
    [
      third('Meeting point is the east exit in {place}, {time}'),
      you('East or north? Map says the exits are swapped'),
      third('East. Voice note how to walk', 'voice'),
      me('See you there'),
    ],
    [you('Everybody on the train?'), me('Yes'), third('Yes, coach {n}'), fourth('Next one, sorry 🙈')],
    [fourth('Best trip in years'), third('From the train window', 'photo'), me('❤️')],
  ),
];
