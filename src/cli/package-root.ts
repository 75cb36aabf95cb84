/** This package's folder, wherever in it a build puts the code. */
export const packageRoot = new URL('.', import.meta.resolve('esp-host/package.json'));
