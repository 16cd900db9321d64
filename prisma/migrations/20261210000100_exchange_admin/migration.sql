-- When Microsoft last said that somebody has the Exchange role Mailbox Import Export: the second source of the role Admin.
-- NULL: they have it not, or nobody asked, because the app role is there already or the operator switched this source off.
ALTER TABLE portal_session ADD COLUMN exchange_admin_at timestamptz(3);
