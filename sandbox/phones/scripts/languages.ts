import { me, type Script, script, you } from './script.ts';

export type Language = 'de' | 'fr' | 'he' | 'ar' | 'ja' | 'hi';

/** Conversations of two people in other languages and scripts than English. */
export const byLanguage: Readonly<Record<Language, readonly [Script, ...Script[]]>> = {
  de: [
    script(
      'Termin',
      [
        you('Hallo! Bleibt es bei {time} Uhr in {place}?'),
        me('Ja, ich bringe die Unterlagen für {company} mit'),
        you('Prima. Parken bitte hinter dem Gebäude, vorne wird gebaut 🚧'),
        me('Danke für den Hinweis'),
      ],
      [
        me('Stehe im Stau auf der A100, komme etwa 15 Minuten später'),
        you('Kein Problem, wir fangen mit dem Kaffee an ☕'),
        me('Bin gleich da, sehe schon die Kräne'),
      ],
      [
        you('Vielen Dank für das gute Gespräch. Hier die Übersicht der Mengen', 'chart'),
        me('Danke! Zeile {n} prüfen wir noch, der Rest passt'),
        you('Größe und Gewicht ändern sich nicht mehr, versprochen 😉'),
      ],
    ),
    script(
      'Rechnung',
      [
        you('Rechnung {ref} über {amount} ist noch offen. Könnten Sie bitte nachsehen?'),
        me('Mir fehlt der Lieferschein. Schicken Sie ihn mir?'),
        you('Hier ist er', 'pdf'),
      ],
      [me('Die Überweisung ist heute raus'), you('Eingegangen, herzlichen Dank!')],
      [
        you('Ab Januar gelten neue Preise, das Schreiben folgt per Post'),
        me('Bitte auch für den Rahmenvertrag bestätigen'),
        you('Der bleibt bis Juni unverändert'),
      ],
    ),
  ],
  fr: [
    script(
      'Livraison',
      [
        me('Bonjour {peer}, avez-vous des nouvelles de la palette {ref} ?'),
        you('Elle a quitté l’entrepôt de {place} à {time}. Arrivée prévue demain matin'),
        me('Parfait, merci beaucoup 😊'),
      ],
      [
        you('Le chauffeur est devant le portail n° {n}'),
        me('J’arrive, deux minutes'),
        you('Il manque un carton, voici le bon', 'pdf'),
        me('Aïe. Notez-le sur le bon s’il vous plaît'),
      ],
      [you('Le carton manquant a été retrouvé à Orléans 🎉'), me('Quelle chance ! À bientôt')],
    ),
    script(
      'Réunion',
      [
        you('On décale la réunion avec {company} à {weekday} ?'),
        me('Oui, plutôt {time}, après le déjeuner'),
        you('C’est noté, je préviens tout le monde'),
      ],
      [me('Voici le tableau à jour', 'chart'), you('Très clair. J’ajoute les chiffres de septembre'), me('👍')],
      [you('Ils ont signé !'), me('Bravo à toute l’équipe 🥂')],
    ),
  ],
  he: [
    script(
      'פגישה',
      [
        you('היי {peer}, אפשר להזיז את הפגישה ל-{time}?'),
        me('כן, בהחלט. באותו חדר?'),
        you('כן, קומה 3. אני מביא/ה את הטבלה של {company}'),
        me('מעולה, תודה 🙏'),
      ],
      [
        me('אני מאחר/ת ב-10 דקות, פקקים באיילון'),
        you('אין בעיה, נתחיל בלי לחץ 😊'),
        you('זה הגרף שדיברנו עליו', 'chart'),
      ],
      [you('תודה על היום. החוזה {ref} נשלח במייל'), me('קיבלתי, אחזור אליך עד {weekday}'), you('יום נעים!')],
    ),
  ],
  ar: [
    script(
      'شحنة',
      [
        me('مرحبًا، هل وصلت الشحنة {ref}؟'),
        you('أهلًا، وصلت إلى {place} الساعة {time}'),
        me('ممتاز، متى التسليم؟'),
        you('غدًا إن شاء الله 🚚'),
      ],
      [you('السائق عند البوابة رقم {n}'), me('أنا في الطريق، خمس دقائق'), you('وهذه صورة من الطريق', 'photo')],
      [me('تم التوقيع على الاستلام، شكرًا جزيلًا'), you('على الرحب والسعة 🌷')],
    ),
  ],
  ja: [
    script(
      '打ち合わせ',
      [
        you('お疲れさまです。{weekday}の打ち合わせ、{time}からで大丈夫でしょうか？'),
        me('はい、大丈夫です。資料は前日までにお送りします。'),
        you('ありがとうございます。よろしくお願いいたします🙇'),
      ],
      [
        me('資料をお送りします。{n}ページをご確認ください。', 'chart'),
        you('確認しました。とても分かりやすいです！'),
        you('一点だけ、{company}様の数字は税込みですか？'),
        me('税抜きです。注記を入れておきます。'),
      ],
      [you('本日はありがとうございました😊'), me('こちらこそ。議事録は{ref}として保存しました。', 'pdf')],
    ),
  ],
  hi: [
    script(
      'भुगतान',
      [
        you('नमस्ते {peer} जी, बिल {ref} का भुगतान कब तक हो जाएगा?'),
        me('नमस्ते, {weekday} तक हो जाएगा। रसीद भेज दीजिए'),
        you('यह रही रसीद', 'pdf'),
        me('धन्यवाद 🙏'),
      ],
      [me('{amount} आज सुबह भेज दिए गए हैं'), you('मिल गए, बहुत बहुत धन्यवाद!')],
      [you('आपको हार्दिक शुभकामनाएँ 🌼'), me('आपको और आपके परिवार को भी!'), you('हमारे कार्यालय की खिड़की से', 'photo')],
    ),
  ],
};
