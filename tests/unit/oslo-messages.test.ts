import { describe, expect, test } from 'vitest';
import { osloMessages } from '../../helpers/applications/oslo-messaging.ts';

describe('a message in oslo.messaging’s envelope', () => {
  const sealed = (message: object) => ({
    text: JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) }),
    headers: {},
  });
  const { requestIdOf, replyTo } = osloMessages('nova', ['conductor'], ({ id }) => id as string);

  test('names its request', () => {
    expect(requestIdOf(sealed({ id: 'req-1' }))).toBe('req-1');
  });

  test('is answered in an envelope as well, if its sender waits for a reply', () => {
    expect(replyTo?.(sealed({ id: 'req-1' }), 'req-1')).toBeUndefined();
    const { queue, text } = replyTo?.(sealed({ _msg_id: 'm', _reply_q: 'q' }), 'req-1') ?? {};
    expect(queue).toBe('q');
    expect(JSON.parse(JSON.parse(text ?? '')['oslo.message'])).toMatchObject({
      result: 'req-1',
      failure: null,
      ending: true,
      _msg_id: 'm',
    });
  });
});
