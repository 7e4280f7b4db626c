import type { TablePart } from '../../helpers/verdict/row.ts';
import { sources } from './sources.ts';

const call = {
  mpm: 'prefork',
  processes: 2,
  threads: 1,
  scenario: 'call',
  source: sources.repliesPolled,
} as const;

/** What an RPC call takes, on two releases of oslo.messaging. */
export const replies: readonly TablePart[] = [
  {
    title: 'an RPC reply costs half a second from oslo.messaging 14.8.0 on',
    rows: [
      {
        ...{ ...call, release: 'trixie' },
        answersMs: { call: { atLeast: 500 } },
        why: '16.1.0 looks for the reply at once, and then each half second; it comes a moment after the first look',
      },
      {
        ...{ ...call, release: 'trixie', heartbeatThread: 'native' },
        answersMs: { call: { atLeast: 500 } },
        why: 'the heartbeat’s thread changes nothing about that',
      },
      {
        ...{ ...call, release: 'bookworm' },
        answersMs: { call: { below: 200 } },
        why: '14.0.3 waits for the reply itself',
      },
      {
        ...{ ...call, release: 'bookworm', heartbeatThread: 'native' },
        answersMs: { call: { below: 200 } },
        why: 'in a native thread as well',
      },
    ],
  },
];
