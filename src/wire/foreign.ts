const METHODS = /^(GET|POST|PUT|HEAD|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PRI) /;

/** What a peer speaks whose first bytes are no ESP, where they tell: `TLS`, `HTTP`. */
export function foreignProtocol(first: Buffer): 'TLS' | 'HTTP' | undefined {
  if (first[0] === 0x16 && first[1] === 0x03) return 'TLS';
  return METHODS.test(first.toString('latin1', 0, 8)) ? 'HTTP' : undefined;
}
