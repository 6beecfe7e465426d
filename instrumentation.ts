// What Next calls when a page, a server action or a data route has thrown.
export { reportRequestError as onRequestError } from './server/request-errors';
