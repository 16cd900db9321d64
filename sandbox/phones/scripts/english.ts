import { me, type Script, script, you } from './script.ts';

/** Conversations of two people in English. {me} and {peer} are first names. */
export const english: readonly [Script, ...Script[]] = [
  script(
    'project',
    [
      you('Hi {me}, did the drawings for {project} reach you?'),
      me('All but sheet {n}. Can you send that one again?'),
      you('Of course. Scan from the site office, the plotter is down', 'pdf'),
      me('Got it, thanks 🙏 I will mark it up tonight'),
    ],
    [
      me('Sheet {n} marked up. The east stair does not meet the landing, we are 40 mm short'),
      you('40?! I measured that twice 😬'),
      me('I am up there now. Nice view at least', 'photo'),
      you('OK. I will call the fabricator and come back to you tomorrow'),
    ],
    [
      you('Fabricator takes it back at no cost. New stringers on {weekday}'),
      me('Best news this week 🎉'),
      you('Minutes of the call attached, please keep them with the order', 'pdf'),
      me('Filed. See you on site'),
    ],
  ),
  script(
    'logistics',
    [
      me('Hi {peer}, any word on pallet {ref}?'),
      you('Left the hub in {place} at {time}. Driver says customs took two hours'),
      me('So tomorrow morning rather than tonight?'),
      you('Between 7 and 9. I will ping you when he is 30 min out 🚚'),
    ],
    [
      you('30 minutes out'),
      me('Gate 4 please, gate 2 is blocked by the crane'),
      you('👍'),
      you('He is asking who signs'),
      me('Me. On my way down'),
    ],
    [
      me('One carton was wet. 12 of 240 units damaged, list attached', 'pdf'),
      you('Sorry about that. Please do not sign it as clean'),
      me('Signed with remarks. Claim number?'),
      you('{ref}-C. Somebody will ring you today'),
    ],
  ),
  script(
    'client meeting',
    [
      me('{peer}, are we still on for {weekday} {time} with {company}?'),
      you('Yes. Room on the 3rd floor, they bring four people'),
      me('I bring the fee comparison then. First version here', 'chart'),
      you('Looks good. Swap the colours, red looks like losses'),
    ],
    [you('Running 5 min late, start without me'), me('No rush, they are still parking'), you('In the lift')],
    [
      you('That went well I think. They asked for the offer by Friday'),
      me('Agreed. Their CFO only had one question about clause {n}'),
      you('I answered it by e-mail, you are on copy'),
      me('Great. Coffee is on me ☕'),
    ],
  ),
  script(
    'birthday',
    [
      you('Psst: {name} turns 40 on {weekday}. Are you in for a present?'),
      me('Sure! How much?'),
      you('15 each. We thought of the ceramics class in {place}'),
      me('Lovely idea 🎂 I send you the 15 now'),
    ],
    [
      you('Card is at my desk, sign it before {weekday} please'),
      me('Done. Who wrote that poem?? 😂'),
      you('I will never tell'),
    ],
    [me('She nearly cried. Good choice'), you('And look at the view from there', 'photo'), me('🥳🥳')],
  ),
  script(
    'invoice',
    [
      you('Dear {me}, invoice {ref} over {amount} has been open since the 3rd. Could you have a look?'),
      me('It waits for the delivery note. Can you send it?'),
      you('Here you are', 'pdf'),
      me('Thank you. Approved, it goes out with the next run'),
    ],
    [
      me('Payment of {amount} for {ref} was booked this morning'),
      you('Received, many thanks!'),
      you('Unrelated: my new direct line is in the card', 'vcard'),
    ],
    [
      you('For the next order: prices rise by 3 % from January'),
      me('Does that hold for the frame contract too?'),
      you('No, that one stays as it is until June'),
      me('Good. Please put it in writing to purchasing'),
    ],
  ),
  script(
    'travel',
    [
      me('Train at {time} from {place} is cancelled. Next one an hour later'),
      you('Oh no. Shall I move the dinner?'),
      me('Please. 20:30 should work'),
      you('Moved to 20:30, table for six, the place with the lemon trees 🍋'),
    ],
    [you('How is the hotel?'), me('Tiny but clean. Breakfast view:', 'photo'), you('Jealous 😄')],
    [
      me('Receipts for the trip, {amount} altogether', 'pdf'),
      you('Thanks. One is missing, the taxi on {weekday}'),
      me('Found it in my coat, will bring it tomorrow'),
    ],
  ),
  script(
    'price talk',
    [
      you('Can you do {amount} for the whole lot?'),
      me('I have to check. We said {amount} without transport'),
      you('Come on, we have worked together for years'),
      me('Let me ask. I cannot promise anything by text'),
    ],
    [
      me('I asked. We can meet you half-way if you sign before {weekday}'),
      you('Half-way on the total or on transport?'),
      me('On the total. My colleague sends the confirmation by e-mail, that one counts'),
      you('Deal 🤝'),
    ],
    [
      you('Signed and sent. Reference {ref}'),
      me('Received. Thank you for the trust'),
      you('Voice note with the directions for the driver', 'voice'),
      me('Forwarded to dispatch'),
    ],
  ),
  script(
    'on site',
    [
      me('Power is out on level {n}. Do you know which fuse?'),
      you('Cabinet B, third row. Do NOT touch the one with the yellow tape'),
      me('Which yellow? There are two'),
      you('The upper one. Leave both, I come over'),
    ],
    [
      you('Electrician booked for {time}'),
      me('He needs a pass, visitors only after 8'),
      you('Pass is ready at the desk, name {name}'),
      me('ok'),
    ],
    [
      me('All lights on again 💡 This is from level {n}', 'photo'),
      you('Wonderful. Was it the pump?'),
      me('Yes. Clip of the noise it makes, listen', 'voice'),
      you('That is not a healthy pump 😅'),
    ],
  ),
  script(
    'hand-over',
    [
      you('I am off from {weekday}, can you take {company} for two weeks?'),
      me('Yes. Anything burning?'),
      you('Only the renewal. Contact attached, call before noon, never after', 'vcard'),
      me('Noted. Enjoy the break 🏖️'),
    ],
    [
      me('Sorry to bother you: where is the signed copy of {ref}?'),
      you('Shared drive, folder 2026, second PDF from the top'),
      me('Found. Go back to the beach'),
      you('Already there'),
    ],
    [
      you('Back in the office. What did I miss?'),
      me('Renewal signed, one complaint, and somebody ate your biscuits'),
      you('I know who it was'),
    ],
  ),
  script(
    'interview',
    [
      you('The candidate for {project} can do {weekday} {time}. Does that suit you?'),
      me('Yes. Half an hour or a whole one?'),
      you('Half. The CV is attached', 'pdf'),
      me('Seven years at {company}, not bad'),
    ],
    [
      me('We are through. Calm, precise, asked good questions'),
      you('That was my impression on the phone, too'),
      me('Second round with the team?'),
      you('I set it up'),
    ],
    [
      you('She signed! Starts on the 1st'),
      me('Wonderful. I order the laptop'),
      you('And a chair, please. Ours are cursed'),
    ],
  ),
  script(
    'figures',
    [
      me('Do you have the numbers of {place} yet?'),
      you('Two stores are missing. Here is what I have', 'chart'),
      me('That will do for the draft'),
    ],
    [
      you('The missing two came in: {amount} together'),
      me('Less than I feared'),
      you('One was closed for a week because of the water damage'),
      me('Right, I put that in a footnote'),
    ],
    [
      me('Report {ref} is out'),
      you('Read it on the train. Page {n} is the best thing you ever wrote'),
      me('It is a table'),
    ],
  ),
  script(
    'equipment',
    [
      you('Scanner {n} in {place} does not start any more'),
      me('Did you hold the button for ten seconds?'),
      you('For a minute. Listen to it', 'voice'),
      me('That is the fan. I send a new one, ticket {ref}'),
    ],
    [
      me('Parcel should be with you'),
      you('It is. And the old one?'),
      me('Same box, label is inside'),
      you('Clever 👌'),
    ],
    [you('Works. Twice as fast, by the way'), me('Do not tell the others'), you('Too late')],
  ),
  script(
    'evening out',
    [
      me('Concert on {weekday}, I have two tickets. Interested?'),
      you('Who plays?'),
      me('The band that {name} never stops talking about'),
      you('Then I have to 🎶'),
    ],
    [you('Where do we meet?'), me('At the fountain, look', 'photo'), you('Found it on the map')],
    [you('My ears still ring'), me('Best evening this year'), you('Same time next month?'), me('In!')],
  ),
];
