import 'reflect-metadata';
import { tuneHeap } from './common/heap.js';
import { serveAsWorker } from './server/workers/serve-as-worker.js';

tuneHeap();
serveAsWorker();
