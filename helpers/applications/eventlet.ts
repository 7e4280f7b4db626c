/**
 * Lines that eventlet prints in each process that imports it: its deprecation since 0.41, and Python 3.14's own lock.
 * A server's log has them one by one.
 */
export const eventletMessages: readonly RegExp[] = [
  // oslo.service and futurist import eventlet even if nothing is patched.
  /\.py:\d+: EventletDeprecationWarning: ?$/,
  /Eventlet is deprecated\. It is currently being maintained in bugfix mode, and$/,
  /we strongly recommend against using it for new projects\.$/,
  /If you are already using Eventlet, we recommend migrating to a different$/,
  /framework\. {2}For more detail see$/,
  /https:\/\/eventlet\.readthedocs\.io\/en\/latest\/asyncio\/migration\.html$/,
  / {2}(import eventlet( as _eventlet {2}# noqa)?|from eventlet import event)$/,
  /\b1 RLock\(s\) were not greened, to fix this error make sure you run eventlet\.monkey_patch\(\) before/,
];

/**
 * The end of eventlet's traceback when a greenlet of one native thread passes a lock to a greenlet of another thread.
 * The second greenlet never wakes. From greenlet 3.1.1 on it begins with a capital letter, and two indented lines follow.
 */
export const crossThread = /[Cc]annot switch to a different thread/;
