import { gunicorn } from './gunicorn.ts';
import { httpd } from './httpd.ts';
import { uwsgi } from './uwsgi.ts';

/** The servers that a deployment may name; the first is the default. */
export const servers = [httpd, uwsgi, gunicorn] as const;
