export { type Recording, type RecordingCounts, type RecordingOptions, startRecording } from './recorder.js';
export { type ReplayOptions, ReplayServer } from './replay-server.js';
