import { type LoadedFile, loadYaml } from 'esp-host/server';
import { type StubFile, stubFileSchema } from './definition.js';

/** Reads a file of stubs. @throws ConfigError with file:line:column of everything that is wrong */
export const loadStubs = (file: string): LoadedFile<StubFile> => loadYaml(file, stubFileSchema);
