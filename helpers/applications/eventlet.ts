/**
 * What eventlet says of itself from 0.41 on, and of Python 3.14's own lock, in each process that imports it; a server's
 * log has its lines one by one.
 */
export const eventletsOwnWords: readonly RegExp[] = [
  // oslo.service and futurist import it where nothing is patched, too
  /\.py:\d+: EventletDeprecationWarning: ?$/,
  /Eventlet is deprecated\. It is currently being maintained in bugfix mode, and$/,
  /we strongly recommend against using it for new projects\.$/,
  /If you are already using Eventlet, we recommend migrating to a different$/,
  /framework\. {2}For more detail see$/,
  /https:\/\/eventlet\.readthedocs\.io\/en\/latest\/asyncio\/migration\.html$/,
  / {2}(import eventlet( as _eventlet {2}# noqa)?|from eventlet import event)$/,
  /\b1 RLock\(s\) were not greened, to fix this error make sure you run eventlet\.monkey_patch\(\) before/,
];

/** The end of eventlet's traceback when a greenlet of one native thread hands a lock to one of another, which never wakes. */
export const crossThread = /cannot switch to a different thread/;
