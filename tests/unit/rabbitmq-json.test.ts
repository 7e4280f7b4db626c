import { expect, test } from 'vitest';
import { diagnosisOf } from './fixtures/made-up-lines.ts';

/** `log.file.formatter = json`, as Debian's RabbitMQ 4.0 and 3.10 wrote it about a client that was stopped twice. */
const logs = {
  '4.0': String.raw`
{"time":"2026-11-29 13:35:22.694284+00:00","level":"info","msg":"connection 172.17.0.1:41264 -> 172.17.0.2:5672 - mod_wsgi:18:9528639f-1111-4000-a000-000000000001: user 'guest' authenticated and granted access to vhost '/'","pid":"<0.615.0>","domain":"rabbitmq.connection"}
{"time":"2026-11-29 13:35:25.707268+00:00","level":"error","msg":"closing AMQP connection <0.615.0> (172.17.0.1:41264 -> 172.17.0.2:5672 - mod_wsgi:18:9528639f-1111-4000-a000-000000000001, duration: '3s'):\nmissed heartbeats from client, timeout: 1s","pid":"<0.615.0>","domain":"rabbitmq.connection"}
{"time":"2026-11-29 13:35:29.723916+00:00","level":"info","msg":"connection 172.17.0.1:58026 -> 172.17.0.2:5672 - mod_wsgi:18:9528639f-1111-4000-a000-000000000001: user 'guest' authenticated and granted access to vhost '/'","pid":"<0.626.0>","domain":"rabbitmq.connection"}
{"time":"2026-11-29 13:35:32.682444+00:00","level":"error","msg":"closing AMQP connection <0.626.0> (172.17.0.1:58026 -> 172.17.0.2:5672 - mod_wsgi:18:9528639f-1111-4000-a000-000000000001, duration: '3s'):\nmissed heartbeats from client, timeout: 1s","pid":"<0.626.0>","domain":"rabbitmq.connection"}`,
  '3.10': String.raw`
{"time":"2026-11-29 13:36:04.915992+00:00","level":"info","msg":"connection <0.692.0> (172.17.0.1:53188 -> 172.17.0.2:5672 - mod_wsgi:18:9528639f-1111-4000-a000-000000000001): user 'guest' authenticated and granted access to vhost '/'","domain":"rabbitmq.connection","pid":"<0.692.0>"}
{"time":"2026-11-29 13:36:07.878281+00:00","level":"error","msg":"closing AMQP connection <0.692.0> (172.17.0.1:53188 -> 172.17.0.2:5672 - mod_wsgi:18:9528639f-1111-4000-a000-000000000001):\nmissed heartbeats from client, timeout: 1s","domain":"rabbitmq.connection","pid":"<0.692.0>"}
{"time":"2026-11-29 13:36:11.679610+00:00","level":"info","msg":"connection <0.702.0> (172.17.0.1:56376 -> 172.17.0.2:5672 - mod_wsgi:18:9528639f-1111-4000-a000-000000000001): user 'guest' authenticated and granted access to vhost '/'","domain":"rabbitmq.connection","pid":"<0.702.0>"}
{"time":"2026-11-29 13:36:14.639867+00:00","level":"error","msg":"closing AMQP connection <0.702.0> (172.17.0.1:56376 -> 172.17.0.2:5672 - mod_wsgi:18:9528639f-1111-4000-a000-000000000001):\nmissed heartbeats from client, timeout: 1s","domain":"rabbitmq.connection","pid":"<0.702.0>"}`,
};

test.for(Object.entries(logs))('the JSON of RabbitMQ %s, with its zone', ([, text]) => {
  expect(diagnosisOf({ 'rabbit.log': text.trim().split('\n') })).toMatchObject({
    zone: { aheadMs: 0, isKnown: true },
    programs: [{ program: 'mod_wsgi', user: 'guest', opened: 2, drops: 2, reconnected: { count: 1 } }],
  });
});

test('the zone of a collector’s JSON is not the broker’s', () => {
  const line =
    '{"time":"2026-11-29T13:35:25.707268+02:00","message":"closing AMQP connection <0.615.0> (172.17.0.1:41264 -> 172.17.0.2:5672)"}';
  expect(diagnosisOf({ 'rabbit.log': [line] }).zone.isKnown).toBe(false);
});
