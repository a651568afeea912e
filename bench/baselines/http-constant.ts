/** The least that an HTTP server in Node.js can do: Fastify, answering a POST with a constant. Prints its port. */
import { fastify } from 'fastify';

const answer = { endpoint: 'grpc://127.0.0.1:24133', access_token: '', updated_version: '1.2.2' };
const server = fastify();
server.post('/plugin/v1/plugin/get-plugin-endpoint', () => Promise.resolve(answer));
await server.listen({ host: '127.0.0.1', port: 0 });
const address = server.server.address();
process.stdout.write(`${typeof address === 'object' ? address?.port : address}\n`);
