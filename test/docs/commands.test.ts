import { eachPageDoesWhatItSays, runnable } from './reading.js';

eachPageDoesWhatItSays(runnable.filter((page) => !page.startsWith('docs/how-to/')));
