export { type CheckedKind, checkFile, type Surroundings } from './check-files.js';
export { FILE_SCHEMAS, mockSettings } from './file-schemas.js';
export { type Platform, type PlatformOptions, type PlatformPorts, startPlatform } from './platform.js';
export { runCase, startOnFreePorts } from './strategy-cases.js';
export { sampleResponses, sweepWithSamples } from './world.js';
