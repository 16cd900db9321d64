import { expect, test } from 'vitest';
import { roleAssignmentId } from './role-assignment-id.ts';

// the example of Microsoft's documentation of unifiedRoleAssignment
test('an assignment has the id that Entra ID gives it', () => {
  const id = roleAssignmentId('62e90394-69f5-4237-9190-012177145e10', 'ace08ec9-aa11-4ada-9145-addf0398233e');
  expect(id).toBe('lAPpYvVpN0KRkAEhdxReEMmO4KwRqtpKkUWt3wOYIz4-1');
});
