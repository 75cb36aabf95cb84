export { type ExaminationOptions, examine } from './examine.js';
