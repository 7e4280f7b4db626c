import type { Behaviour } from '../config/behaviour.ts';
import type { Application } from './application.ts';
import { eventletsOwnWords } from './eventlet.ts';
import { osloMessaging, transportUrl } from './oslo-messaging.ts';

/**
 * What the services of OpenStack have in common that are served as Debian has them. Two things of the suite's stand
 * around them: databases that were made with the image, and a filter in the place of Keystone's, by which everybody is
 * the administrator.
 *
 * @param log its log file.
 * @param file its configuration file.
 */
export function openstackService(log: string, file: string) {
  return {
    on: 'openstack',
    configuration: {
      file,
      text: (it: Behaviour, brokerUrl: string) => configuration(log, it, transportUrl(brokerUrl)),
    },
    says: (it: Behaviour) => ({
      wait: it.databaseWaitSeconds,
      heartbeat_in_pthread: asksForPthread(it) ? 'true' : null,
    }),
    log,
    ...osloMessaging,
    allowedErrors: eventletsOwnWords,
  } as const satisfies Partial<Application>;
}

function configuration(log: string, it: Behaviour, transport: string): string {
  return `[DEFAULT]
transport_url = ${transport}
log_file = ${log}
use_stderr = false
rpc_response_timeout = 3

[oslo_messaging_notifications]
driver = messagingv2

[oslo_messaging_rabbit]
heartbeat_timeout_threshold = ${it.heartbeatSeconds}
${asksForPthread(it) ? 'heartbeat_in_pthread = true\n' : ''}
[suite]
wait = ${it.databaseWaitSeconds}
`;
}

function asksForPthread({ heartbeatThread, pthreadIgnored }: Behaviour): boolean {
  return heartbeatThread === 'native' || pthreadIgnored === true;
}
