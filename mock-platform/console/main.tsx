import { render } from 'preact';
import { App } from './app.js';
import { applyTheme } from './shell/theme.js';
import { follow } from './state/session.js';

applyTheme();
follow();
const root = document.getElementById('console');
if (root !== null) render(<App />, root);
