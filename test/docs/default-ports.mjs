/**
 * Preloaded into each Node process of the documentation's commands (NODE_OPTIONS=--import). It maps the ports on the pages
 * to free ones, so that pages run unchanged while other programs use their ports. PORTS is the mapping as a JSON object.
 */
import { Server, Socket } from 'node:net';

const real = new Map(Object.entries(JSON.parse(process.env.PORTS)).map(([page, port]) => [Number(page), port]));
const shown = new Map([...real].map(([page, port]) => [port, page]));

const translated = (value) => real.get(Number(value)) ?? value;

/** `(port, ...)`, `({ port }, ...)`, or both in an array, as Node passes them internally. */
function translate(args) {
  const [first, ...rest] = args;
  if (Array.isArray(first)) {
    const inner = translate(first);
    for (const symbol of Object.getOwnPropertySymbols(first)) inner[symbol] = first[symbol];
    return [inner, ...rest];
  }
  if (typeof first === 'object' && first !== null) return [{ ...first, port: translated(first.port) }, ...rest];
  return [translated(first), ...rest];
}

for (const [type, name] of [
  [Server, 'listen'],
  [Socket, 'connect'],
]) {
  const original = type.prototype[name];
  type.prototype[name] = function (...args) {
    return original.apply(this, translate(args));
  };
}

const { address } = Server.prototype;
Server.prototype.address = function () {
  const where = address.call(this);
  return where === null || typeof where === 'string' ? where : { ...where, port: shown.get(where.port) ?? where.port };
};
