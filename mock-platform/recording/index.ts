export { Likeness } from './likeness.js';
export { RecordedAnswers, type RecordedExchange } from './recorded-answers.js';
export { loadRecording, type RecordedMessage, recordedMessage } from './recorded-message.js';
export { type Recording, type RecordingCounts, type RecordingOptions, startRecording } from './recorder.js';
export { type ReplayOptions, ReplayServer } from './replay-server.js';
