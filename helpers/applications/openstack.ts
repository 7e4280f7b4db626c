import type { ApplicationOption, Behaviour } from '../config/behaviour.ts';
import type { Application } from './application.ts';
import { globalRequestId, osloMessages, osloMessaging, transportUrl } from './oslo-messaging.ts';

/** The options that every OpenStack service has. */
export const openstackOptions = [
  'heartbeatThread',
  'pthreadIgnored',
  'databaseWaitSeconds',
] as const satisfies ApplicationOption[];

/**
 * The record that all OpenStack services share. They are served as Debian has them (containers/openstack), with
 * databases that were made with the image, and a filter in place of Keystone's: every caller is the administrator.
 *
 * @param name the service's name, which is also the name of its exchange.
 * @param topics the routing keys of its messages ({@link Application.messages}).
 */
export function openstackService(name: string, topics: readonly [string, ...string[]]) {
  const log = `/var/log/${name}/${name}-api.log`;
  return {
    name,
    folder: name,
    on: 'openstack',
    callable: `suite_${name}:application`,
    messages: osloMessages(name, topics, globalRequestId),
    configuration: {
      file: `/etc/${name}/${name}.conf`,
      text: (behaviour: Behaviour, brokerUrl: string) =>
        configuration(log, behaviour, transportUrl(brokerUrl)),
    },
    options: openstackOptions,
    says: (behaviour: Behaviour) => ({
      wait: behaviour.databaseWaitSeconds,
      heartbeat_in_pthread: asksForPthread(behaviour) ? 'true' : null,
    }),
    log,
    ...osloMessaging,
  } as const satisfies Partial<Application>;
}

function configuration(log: string, behaviour: Behaviour, transport: string): string {
  return `[DEFAULT]
transport_url = ${transport}
log_file = ${log}
use_stderr = false
rpc_response_timeout = 3

[oslo_messaging_notifications]
driver = messagingv2

[oslo_messaging_rabbit]
heartbeat_timeout_threshold = ${behaviour.heartbeatSeconds}
${asksForPthread(behaviour) ? 'heartbeat_in_pthread = true\n' : ''}
[suite]
wait = ${behaviour.databaseWaitSeconds}
`;
}

function asksForPthread({ heartbeatThread, pthreadIgnored }: Behaviour): boolean {
  return heartbeatThread === 'native' || pthreadIgnored === true;
}
