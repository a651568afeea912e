import 'reflect-metadata';
import { keepHeapSmall } from './common/small-heap.js';
import { serveAsWorker } from './server/workers/serve-as-worker.js';

keepHeapSmall();
serveAsWorker();
