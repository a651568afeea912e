import 'reflect-metadata';
import { serveAsWorker } from './server/workers/serve-as-worker.js';

serveAsWorker();
