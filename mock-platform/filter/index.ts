export { type Exchange, type ListEntry, listText } from './exchange.js';
export { type Filter, type FilterClock, MOST_CHARACTERS, OUTCOMES, parseFilter, TERM_NAMES } from './filter.js';
