export { Likeness } from './likeness.js';
export { RecordedAnswers, type RecordedExchange } from './recorded-answers.js';
export { type RecordedMessage, recordedMessage } from './recorded-message.js';
export { type Recording, type RecordingCounts, type RecordingOptions, startRecording } from './recorder.js';
export { loadRecording } from './recording-file.js';
export { type ReplayOptions, ReplayServer } from './replay-server.js';
