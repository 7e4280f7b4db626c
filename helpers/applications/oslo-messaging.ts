import type { Application } from './application.ts';

/** How oslo.messaging's RabbitMQ driver speaks of a lost connection, by release. */
export const osloMessagingSignatures: Pick<Application, 'heartbeatLogger' | 'signatures'> = {
  heartbeatLogger: 'oslo.messaging._drivers.impl_rabbit',
  signatures: {
    heartbeatErrors: [
      {
        // sic: the article's line
        pattern: /Unexpected error during heartbeart thread processing, retrying\.\.\./,
        releases: 'up to 9.5.0 and 9.6.0 (2019), misspelt; 9.7.x where nothing was sent between two beats',
      },
      {
        pattern: /Unexpected error during heartbeat thread processing, retrying\.\.\./,
        releases:
          '9.5.1, 9.5.2 and 9.8.0 to 12.2.2 where nothing was sent between two beats; later ones for what is not an OSError',
      },
      {
        pattern: /A recoverable connection\/channel error occurred, trying to reconnect: /,
        releases: 'from 9.7.0 on: what a dropped connection prints',
      },
    ],
    unreachable: /AMQP server on \S+ is unreachable: /,
  },
};
