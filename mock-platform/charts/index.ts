export { type Bucket, Charts } from './charts.js';
